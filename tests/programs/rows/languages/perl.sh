# SPDX-License-Identifier: Apache-2.0
# perl: hashes, regular expressions, fork, pipes, signals, sockets, pack, sort, big numbers, threads.
# packages: perl
# subset:
cat >a.pl <<'END'
use strict; use Digest::SHA qw(sha256_hex); use List::Util qw(sum shuffle); use Socket; use POSIX ":sys_wait_h";
    use Math::BigInt; use threads;
my %h; $h{$_ % 97} .= chr(65 + $_ % 26) for 1..20000;
    print sha256_hex(join ",", map { "$_=$h{$_}" } sort keys %h), "\n";
print join(" ", (map { sprintf "%.12g", sqrt $_ } 1..5)), " ", Math::BigInt->new(3)->bpow(200), "\n";
my @kids; for my $k (1..8) { my $p = fork; if (!$p) { my $s = 0; $s += $_ * $k for 1..20000;
    exit $k } push @kids, $p }
print join(",", map { waitpid $_, 0; $? >> 8 } @kids), "\n";
pipe my $r, my $w; if (!fork) { close $r; print $w "line $_\n" for 1..1000; exit } close $w; my @l = <$r>; wait;
    print scalar(@l), $l[-1];
socketpair my $a, my $b, AF_UNIX, SOCK_STREAM, 0; if (!fork) { close $a; my $t = <$b>; print $b uc $t;
    exit } close $b;
$a->autoflush; print $a "hello\n"; print scalar <$a>; wait;
my $n = 0; $SIG{ALRM} = sub { $n++; alarm 1 if $n < 1 }; alarm 1; select undef, undef, undef, 3; print "alarms $n\n";
my $text = "the quick brown fox " x 500; my $c = () = $text =~ /\b(\w)\w*\1?\b/g; print "$c\n";
    (my $u = $text) =~ s/(\w+) (\w+)/$2 $1/g; print length $u, "\n";
print join(",", unpack "(A2 n N q)*", pack "(A2 n N q)*", "ab", 513, 70000, -5), "\n"; eval { die { code => 7 } };
    print $@->{code}, "\n";
print join(",", map { $_->join } map { threads->create(sub { my $s = 0; $s += $_ for 1..$_[0];
    $s }, $_ * 1000) } 1..4), "\n";
local $_ = `echo from shell; exit 3`; print; print $? >> 8, "\n"; exec "sh", "-c", "echo last \$0";
END
perl a.pl
