# SPDX-License-Identifier: Apache-2.0
# OCaml: bytecode and native compiler, domains, effects' kind of control flow by exceptions.
# packages: ocaml-nox gcc
cat >a.ml <<'END'
let rec fib n = if n < 2 then n else fib (n - 1) + fib (n - 2)
exception Found of int
module M = Map.Make (Int)
let () = Printf.printf "%d\n" (fib 27);
    (try for i = 1 to 100 do if i * i > 500 then raise (Found i) done with Found i -> Printf.printf "%d\n" i);
  let m = List.fold_left (fun m i -> M.update (i mod 97) (function None -> Some i | Some x -> Some (x + i)) m)
      M.empty (List.init 20000 Fun.id) in M.iter (fun k v -> if k < 5 then Printf.printf "%d:%d " k v) m;
  print_endline (Digest.to_hex (Digest.string (String.concat "," (List.map string_of_int (List.sort compare
      (List.init 5000 (fun i -> i * 7919 mod 10007)))))));
  let ds = List.init 3 (fun k -> Domain.spawn (fun () -> let s = ref 0 in for i = 1 to 200000 do s := (!s + i * k)
      land 0xffffff done; !s)) in List.iter (fun d -> Printf.printf "%d " (Domain.join d)) ds;
  (try ignore (List.nth [] 3) with Failure s | Invalid_argument s -> print_endline s);
      let rec deep n = 1 + deep (n + 1) in (try ignore (deep 0) with Stack_overflow -> print_endline "deep");
      Printf.printf "%.15g\n" (sin 1e3)
END
export OCAMLRUNPARAM=l=200000
ocamlc a.ml -o b && ./b; rm -f a.cm*; ocamlopt a.ml -o a 2>/dev/null && ./a; ocaml a.ml | md5sum
