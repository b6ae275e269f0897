<?php
// SPDX-License-Identifier: Apache-2.0
// php work.php N: arrays, strings, classes and floating point; N rounds.
class Node
{
    public function __construct(public int $key, public ?Node $left = null, public ?Node $right = null) {}

    public function add(int $key): void
    {
        $side = $key < $this->key ? "left" : "right";
        if ($this->$side) {
            $this->$side->add($key);
        } else {
            $this->$side = new Node($key);
        }
    }

    public function depth(): int { return 1 + max($this->left?->depth() ?? 0, $this->right?->depth() ?? 0); }
}
$seed = 11;
$total = 0;
for ($round = 0; $round < (int)$argv[1]; $round++) {
    $root = new Node(1 << 30);
    $words = [];
    for ($i = 0; $i < 1000; $i++) {
        $seed = ($seed * 1103515245 + 12345) & 0x7fffffff;
        $root->add($seed);
        $word = "w" . ($seed >> 8) % 211;
        $words[$word] = ($words[$word] ?? 0) + 1;
    }
    ksort($words);
    $text = implode(" ", array_map(fn($k, $v) => "$k=$v", array_keys($words), $words));
    $total += $root->depth() + strlen(preg_replace('/(\d)(\d)/', '$2-$1', $text)) + crc32($text) % 1009;
    $x = 0.5;
    for ($i = 0; $i < 5000; $i++) {
        $x = 3.7 * $x * (1 - $x);
    }
    $total = ($total + (int)($x * 1000)) % 1000003;
}
echo $total, "\n";
