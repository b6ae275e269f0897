# SPDX-License-Identifier: Apache-2.0
# povray, ImageMagick and ghostscript draw pictures. Rounding differs between machines: sizes and coarse colours count.
# packages: povray imagemagick ghostscript
# timeout: 300
cat >a.pov <<'END'
#version 3.7; global_settings { assumed_gamma 1 } camera { location <0, 2, -5> look_at 0 } light_source { <5, 8,
    -9> rgb 1 } plane { y, -1 pigment { checker rgb 1 rgb 0 } } sphere { 0, 1 pigment { rgb x }
    finish { reflection 0.3 phong 1 } } box { <1, -1, 1>, <2, 1,
    3> texture { pigment { bozo color_map { [0 rgb y] [1 rgb z] } } } }
END
povray +Ia.pov +Oa.png +W120 +H90 +A0.3 -D +WT2 >log 2>&1; echo $?; magick identify -format '%w %h %m\n' a.png
magick a.png -resize 4x3! -depth 3 txt: | wc -l
magick -size 100x80 plasma:red-blue -seed 1 -blur 0x2 -rotate 30 b.jpg; magick identify -format '%w %h %m\n' b.jpg
magick -size 60x40 gradient: -posterize 4 -format %k info:; echo; magick -size 64x64 pattern:checkerboard c.gif
magick c.gif -crop 10x10+0+0 +repage -format '%w %k\n' info:
cat >a.ps <<'END'
%!PS
/Helvetica findfont 40 scalefont setfont 50 50 moveto (Hello) show 1 0 0 setrgbcolor 100 100 50 0 360 arc fill
0 1 200 { dup 3 mul exch 2 mul moveto 5 5 rlineto } for stroke showpage
END
gs -q -dNOPAUSE -dBATCH -dSAFER -sDEVICE=ppmraw -r36 -sOutputFile=a.ppm a.ps; head -c 15 a.ppm | head -n 1
magick a.ppm -format '%w %h\n' info:; gs -q -dNOPAUSE -dBATCH -sDEVICE=pdfwrite -sOutputFile=a.pdf a.ps
gs -q -dNOPAUSE -dBATCH -sDEVICE=txtwrite -sOutputFile=- a.pdf
