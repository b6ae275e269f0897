# SPDX-License-Identifier: Apache-2.0
# php: arrays, closures, generators, regular expressions, its own web server on loopback.
# packages: php-cli
cat >a.php <<'END'
<?php function fib($n) { return $n < 2 ? $n : fib($n - 1) + fib($n - 2); } echo fib(23), "\n";
$a = []; for ($i = 0; $i < 50000; $i++) $a["k" . $i % 977][] = $i * 7 % 1013; ksort($a);
    echo md5(serialize($a)), "\n";
function gen() { for ($i = 0; $i < 5; $i++) { $x = yield $i => $i * $i; } } foreach (gen() as $k => $v) echo "$k:$v ";
echo preg_replace_callback('/\b(\w)(\w*)/', fn($m) => strtoupper($m[1]) . $m[2], "the quick fox"), "\n",
    json_encode([1.5, null, "é" => ["x" => true]]), "\n";
usort($b = range(1, 5), fn($x, $y) => $y <=> $x);
    echo date("Y-m-d", 86400 * 365), " ", intdiv(PHP_INT_MAX, 7) % 1000, " ", 0.1 + 0.7, " ", crc32("x"), "\n";
try { (function (int $x) {})("a"); } catch (TypeError $e) { echo get_class($e), "\n";
    } echo hash("sha256", str_repeat("a", 100000)), "\n";
$p = proc_open(["cat"], [["pipe", "r"], ["pipe", "w"]], $io); fwrite($io[0], "through cat\n"); fclose($io[0]);
    echo stream_get_contents($io[1]), proc_close($p), "\n";
END
php a.php 2>&1 | sed 's/ on line.*//'
echo '<?php echo $_GET["a"] * 2, "\n", PHP_SAPI, "\n";' >w.php
php -S 127.0.0.1:7000 w.php 2>/dev/null & sleep 2
php -r 'for ($i = 0; $i < 20; $i++) echo file_get_contents("http://127.0.0.1:7000/?a=$i");'
