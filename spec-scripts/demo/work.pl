# SPDX-License-Identifier: Apache-2.0
# The demo's perl work: hashes, sorting, regular expressions, numbers and strings; prints checksums. Argument: rounds.
use strict;
use warnings;

my $rounds = shift // 30;
my $state = 12345;

sub next_random {
    $state = ($state * 1103515245 + 12345) % 2147483648;
    return $state;
}

my (%count, @words, $checksum);
$checksum = 0;
for my $round (1 .. $rounds) {
    @words = map { join '', map { chr(97 + next_random() % 26) } 1 .. 3 + next_random() % 3 } 1 .. 2000;
    $count{substr $_, 0, 2}++ for @words;
    my $text = join ' ', sort @words;
    my $vowels = () = $text =~ /[aeiou]/g;
    (my $turned = $text) =~ s/\b(\w)(\w*)/$2$1/g;
    for my $word (split / /, $turned) {
        $checksum = ($checksum * 31 + ord $word) % 1000000007;
    }
    my @sorted = sort { $a <=> $b } map { next_random() } 1 .. 3000;
    my $sum = 0;
    $sum += $sorted[$_] * $_ % 997 for 0 .. $#sorted;
    my $area = 0;
    $area += sqrt($_) * sin($_) for 1 .. 3000;
    $checksum = ($checksum + $vowels + $sum + int($area * 1000)) % 1000000007;
}
print "$checksum ", scalar(keys %count), "\n";
print join(' ', map { "$_=$count{$_}" } (sort { $count{$b} <=> $count{$a} || $a cmp $b } keys %count)[0 .. 7]), "\n";
