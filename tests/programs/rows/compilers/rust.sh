# SPDX-License-Identifier: Apache-2.0
# rustc and cargo without network: threads, panics that unwind, tests.
# packages: rustc cargo
# timeout: 400
export HOME=/work CARGO_NET_OFFLINE=true; cargo new -q --vcs none p 2>/dev/null; cd p
cat >src/main.rs <<'END'
use std::{collections::{BTreeMap, HashMap}, panic, sync::{mpsc, Arc, Mutex}, thread, net::{TcpListener, TcpStream},
    io::{Read, Write}, process::Command};
fn fib(n: u32) -> u64 { if n < 2 { n as u64 } else { fib(n - 1) + fib(n - 2) } }
fn main() {
    println!("{}", fib(30));
    let (tx, rx) = mpsc::channel(); for k in 0..8u64 { let tx = tx.clone();
        thread::spawn(move || { for i in 0..1000 { tx.send(i * k).unwrap() } }); } drop(tx);
        println!("{}", rx.iter().sum::<u64>());
    let m = Arc::new(Mutex::new(HashMap::new())); let ts: Vec<_> = (0..4).map(|t| { let m = m.clone();
        thread::spawn(move || for i in 0..2000 { *m.lock().unwrap().entry(i % 31).or_insert(0) += t }) }).collect();
        for t in ts { t.join().unwrap() }
    println!("{:?}", m.lock().unwrap().iter().collect::<BTreeMap<_, _>>());
    panic::set_hook(Box::new(|_| {})); println!("{:?}", panic::catch_unwind(|| { let v: Vec<i32> = vec![];
        v[3] }).is_err());
    let l = TcpListener::bind("127.0.0.1:0").unwrap(); let a = l.local_addr().unwrap();
        thread::spawn(move || { let (mut s, _) = l.accept().unwrap(); s.write_all(b"hello").unwrap() });
    let mut s = String::new(); TcpStream::connect(a).unwrap().read_to_string(&mut s).unwrap(); println!("{s}");
    println!("{:?} {:.12} {}", Command::new("sh").args(["-c", "exit 4"]).status().unwrap().code(), 2f64.sqrt(),
        "naïve".chars().rev().collect::<String>());
}
#[test] fn right() { assert_eq!(fib(10), 55) }
#[test] #[should_panic] fn wrong() { assert_eq!(fib(10), 56) }
END
cargo build -q --release && ./target/release/p
cargo test -q 2>/dev/null | grep '^test result' | sed 's/finished.*//'; echo 'fn main() { let x: u8 = 300; }' >e.rs
rustc e.rs 2>&1 | grep -c '^error'
