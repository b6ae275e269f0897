# SPDX-License-Identifier: Apache-2.0
# Free Pascal: a compiler that makes its system calls itself and has its own linker scripts, runtime and exceptions.
# packages: fp-compiler fp-units-base
# guests: x86_64 i386
# timeout: 300
cat >p.pas <<'END'
program p;
{$mode objfpc}{$H+}
uses cthreads, sysutils, classes, math;
type
  TWorker = class(TThread)
    sum: int64;
    procedure Execute; override;
  end;
procedure TWorker.Execute;
var i: integer;
begin
  for i := 1 to 200000 do sum := sum + i mod 7;
end;
function fib(n: integer): integer;
begin
  if n < 2 then result := n else result := fib(n - 1) + fib(n - 2);
end;
var
  workers: array[0..3] of TWorker;
  list: TStringList;
  i, zero: integer;
  total: int64 = 0;
  pointed: ^integer = nil;
  s: set of 0..31;
begin
  writeln(fib(24), ' ', format('%.4f %s %x', [arctan2(1, -1), 'text', 48879]));
  for i := 0 to 3 do workers[i] := TWorker.Create(false);
  for i := 0 to 3 do begin workers[i].WaitFor; total := total + workers[i].sum; workers[i].Free; end;
  writeln(total);
  list := TStringList.Create;
  list.Sorted := true;
  for i := 1 to 500 do list.Add(IntToStr(i * 7919 mod 1000));
  writeln(list.Count, ' ', list[0], ' ', list[list.Count - 1]);
  list.Free;
  s := [1, 3, 5..9];
  writeln(7 in s, ' ', 4 in s, ' ', sizeof(s));
  zero := 0;
  try writeln(10 div zero); except on e: EDivByZero do writeln('div by zero'); end;
  try writeln(pointed^); except on e: EAccessViolation do writeln('access violation'); end;
  try raise Exception.Create('mine'); except on e: Exception do writeln(e.ClassName, ' ', e.Message); end;
  {$R+}
  try i := 40; zero := byte(i + 300 * ord(i > 0) - 300); writeln(zero);
  except on e: ERangeError do writeln('range'); end;
end.
END
for o in -O- -O2 -O3; do fpc -v0 $o p.pas >/dev/null 2>&1 && ./p; done
printf 'program q;\nbegin\n  x := 1;\nend.\n' >q.pas; fpc -v0ew q.pas 2>&1 | grep -c 'Error: Identifier'
