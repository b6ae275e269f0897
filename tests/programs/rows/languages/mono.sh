# SPDX-License-Identifier: Apache-2.0
# mono: mcs and programs with threads, tasks, exceptions, LINQ.
# packages: mono-mcs mono-runtime
# guests: x86_64 i386
# timeout: 200
cat >a.cs <<'END'
using System; using System.Linq; using System.Threading; using System.Threading.Tasks;
    using System.Collections.Generic;
class A { static int Fib(int n) { return n < 2 ? n : Fib(n - 1) + Fib(n - 2); }
  static void Main() { Console.WriteLine(Fib(27)); int e = 0; object o = null; for (int i = 0; i < 1000;
      i++) try { o.ToString(); } catch (NullReferenceException) { e++; } Console.WriteLine(e);
    int z = 0; try { Console.WriteLine(1 / z); } catch (DivideByZeroException) { Console.WriteLine("div"); }
    var ts = Enumerable.Range(1, 6).Select(k => { var t = new Thread(() => Interlocked.Add(ref z, k)); t.Start();
        return t; }).ToList(); ts.ForEach(t => t.Join()); Console.WriteLine(z);
    Console.WriteLine(string.Join(",", Enumerable.Range(0, 1000).GroupBy(i => i % 7).Select(g => g.Sum())));
        var l = new List<byte[]>(); for (int i = 0; i < 2000; i++) l.Add(new byte[10000]); GC.Collect();
        Console.WriteLine(l.Count);
    Console.WriteLine(Task.WhenAll(Enumerable.Range(0, 20).Select(i => Task.Run(() => i * i))).Result.Sum());
        Console.WriteLine("{0:F3} {1}", Math.Sin(1), decimal.MaxValue); } }
END
mcs a.cs && mono a.exe
