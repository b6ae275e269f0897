# SPDX-License-Identifier: Apache-2.0
# perl work.pl N: word counts by hash and regular expression, sorting, a grid of numbers; N rounds.
my ($rounds, $seed, $sum) = ($ARGV[0], 12345, 0);
sub next_number { $seed = ($seed * 1103515245 + 12345) % 2147483648; return $seed; }
for my $round (1 .. $rounds) {
    my $text = join " ", map { "w" . (next_number() >> 8) % 997 . ($_ % 7 ? "" : "x-$_") } 1 .. 4000;
    my %count;
    $count{$1}++ while $text =~ /\b(w\d+)(?:x-(\d+))?/g;
    my @top = sort { $count{$b} <=> $count{$a} or $a cmp $b } keys %count;
    $sum = ($sum * 31 + length(join ",", map { "$_=$count{$_}" } @top)) % 1000003;
    (my $changed = $text) =~ s/(\d)(\d)/$2$1/g;
    $sum = ($sum * 31 + unpack "%32C*", $changed) % 1000003;
    my @grid = map { my $y = $_; [map { $y * $_ % 17 } 0 .. 39] } 0 .. 39;
    for my $y (1 .. 38) {
        for my $x (1 .. 38) {
            $grid[$y][$x] = ($grid[$y - 1][$x] + $grid[$y + 1][$x] + $grid[$y][$x - 1] + $grid[$y][$x + 1]) % 1009;
        }
    }
    $sum = ($sum + $grid[20][20]) % 1000003;
}
print "$sum\n";
