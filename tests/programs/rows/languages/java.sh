# SPDX-License-Identifier: Apache-2.0
# OpenJDK: javac, then threads, garbage collection, exceptions (null checks by SIGSEGV), streams, sockets, JITs.
# packages: openjdk-21-jdk-headless
# timeout: 400
cat >A.java <<'END'
import java.util.*; import java.util.concurrent.*; import java.util.stream.*; import java.net.*; import java.io.*;
public class A {
  record P(int a, String b) {}
  static int fib(int n) { return n < 2 ? n : fib(n - 1) + fib(n - 2); }
  static int deep(int n) { return deep(n + 1) + 1; }
  public static void main(String[] x) throws Exception {
    System.out.println(fib(30));
    int npe = 0; Object[] os = new Object[100]; for (int i = 0; i < 20000; i++) try { os[i % 100].hashCode();
        } catch (NullPointerException e) { npe++; } System.out.println(npe);
    int div = 0; for (int i = 0; i < 2000; i++) try { div += 10 / (i % 2); } catch (ArithmeticException e) { div--;
        } System.out.println(div);
    try { deep(0); } catch (StackOverflowError e) { System.out.println("deep"); }
    var pool = Executors.newFixedThreadPool(4); var fs = new ArrayList<Future<Long>>(); for (int k = 0; k < 8;
        k++) { long m = k; fs.add(pool.submit(() -> LongStream.range(0, 200000).map(i -> i * m % 7).sum())); }
    long s = 0; for (var f : fs) s += f.get(); System.out.println(s); pool.shutdown();
    List<byte[]> keep = new ArrayList<>(); for (int i = 0; i < 3000; i++) { byte[] b = new byte[50000];
        if (i % 100 == 0) keep.add(b); } System.gc(); System.out.println(keep.size());
    Map<Integer, Long> counts = IntStream.range(0, 100000).parallel().mapToObj(i -> new P(i % 13, "v" + i)).collect(
        Collectors.groupingBy(P::a, TreeMap::new, Collectors.counting())); System.out.println(counts);
    var m = new ConcurrentHashMap<Integer, Integer>(); var ts = new ArrayList<Thread>(); for (int t = 0; t < 4;
        t++) ts.add(Thread.ofVirtual().start(() -> { for (int i = 0; i < 5000; i++) m.merge(i % 50, 1, Integer::sum);
        })); for (var t : ts) t.join();
    System.out.println(m.values().stream().mapToInt(i -> i).sum());
    try (var ss = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) { Thread.ofPlatform().start(()
        -> { try (var c = ss.accept())
        { var l = new BufferedReader(new InputStreamReader(c.getInputStream())).readLine();
        c.getOutputStream().write((l.toUpperCase() + "\n").getBytes()); } catch (IOException e) {} });
      try (var c = new Socket(InetAddress.getLoopbackAddress(), ss.getLocalPort()))
          { c.getOutputStream().write("hello\n".getBytes());
          System.out.println(new BufferedReader(new InputStreamReader(c.getInputStream())).readLine()); } }
    System.out.println(Math.sin(1e5) + " " + Double.toHexString(Math.pow(1.1, 50)) + " " + (float)
        0.1 + " " + new java.math.BigInteger("3").pow(300).mod(java.math.BigInteger.valueOf(1000003))
        + " " + String.format("%08.3f", 3.14159));
    var p = new ProcessBuilder("sh", "-c", "echo child; exit 5").start();
        System.out.println(new String(p.getInputStream().readAllBytes()).trim() + p.waitFor());
  }
}
END
javac A.java && for o in -XX:+UseSerialGC -XX:+UseG1GC -Xint; do java $o -Xmx400m A || echo status $?; done
