# SPDX-License-Identifier: Apache-2.0
# Documents: groff, Ghostscript, Graphviz, libxml2 and libxslt, jq.
# packages: groff ghostscript graphviz libxml2-utils xsltproc jq
# timeout: 240
cat >a.ms <<'END'
.TL
A title
.NH
First
.PP
Text that is long enough to be broken into lines by the formatter, with some
.B bold
words.
.TS
tab(;) box;
l n.
one;1.5
two;22.75
.TE
.EQ
x = { -b +- sqrt { b sup 2 - 4 a c } } over { 2 a }
.EN
END
groff -t -e -ms -Tascii a.ms 2>/dev/null | sed 's/\x1b\[[0-9]*m//g' | grep -v '^$'
groff -t -e -ms -Tps a.ms 2>/dev/null >a.ps
gs -q -dNOPAUSE -dBATCH -dSAFER -sDEVICE=bbox a.ps 2>&1
gs -q -dNOPAUSE -dBATCH -dSAFER -sDEVICE=pgmraw -r40 -sOutputFile=a.pgm a.ps && cksum <a.pgm
gs -q -dNODISPLAY -dBATCH \
    -c '/fib { dup 2 lt { } { dup 1 sub fib exch 2 sub fib add } ifelse } def 20 fib == 2 sqrt == quit'
printf 'digraph g { a -> b -> c; a -> c; subgraph cluster_x { d -> e; } b -> d; }' >g.dot
dot -Tplain g.dot | cut -d' ' -f1,2 | sort | uniq -c; for e in neato circo; do $e -Tplain g.dot | grep -c node; done
{
    echo '<all>'
    for i in $(seq 300); do echo "<item id='$i'><v>$((i * 7919 % 101))</v></item>"; done
    echo '</all>'
} >a.xml
xmllint --xpath 'sum(//item[@id mod 3 = 0]/v)' a.xml; xmllint --c14n a.xml | cksum
cat >a.xsl <<'END'
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform"><xsl:output method="text"/>
<xsl:template match="/"><xsl:for-each select="//item[v &gt; 90]"><xsl:sort select="v" data-type="number"/>
<xsl:value-of select="concat(@id, ':', v, ' ')"/></xsl:for-each></xsl:template></xsl:stylesheet>
END
xsltproc a.xsl a.xml; echo; echo '<a><b></a>' | xmllint - 2>&1 | grep -c mismatch
jq -nc '[range(200) | {k: (. % 7), v: (. * .)}] | group_by(.k) | map({(.[0].k | tostring): (map(.v) | add)}) | add'
jq -n 'def f: if . < 2 then . else (. - 1 | f) + (. - 2 | f) end; 15 | f'; echo '{"a":[1,{"b":null}]}' | jq -c 'paths'
