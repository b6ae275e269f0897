# SPDX-License-Identifier: Apache-2.0
# bison and flex make a calculator; gettext, gfortran and nasm.
# packages: bison flex gcc gfortran gettext nasm
cat >c.y <<'END'
%{
#include <stdio.h>
#include <stdlib.h>
int yylex(void);
void yyerror(const char *s) { puts(s); }
%}
%token N
%left '+' '-'
%left '*'
%%
s: | s e '\n' { printf("%d\n", $2); };
e: N | e '+' e { $$ = $1 + $3; } | e '-' e { $$ = $1 - $3; } | e '*' e { $$ = $1 * $3; } | '(' e ')' { $$ = $2; };
%%
int main(void) { return yyparse(); }
END
cat >c.l <<'END'
%option noyywrap
%{
#include <stdlib.h>
#include "c.tab.h"
%}
%%
[0-9]+ { yylval = atoi(yytext); return N; }
[ ] ;
.|\n return *yytext;
%%
END
bison -d c.y && flex c.l && gcc c.tab.c lex.yy.c -o c && printf '1+2*3\n(4-9)*(2+2)\n1++\n' | ./c
cat >p.f90 <<'END'
program p
 real(8) :: a(200,200), b(200,200)
 integer :: i, j
 do i = 1, 200
  do j = 1, 200
   a(i,j) = 1d0/(i+j)
   b(i,j) = i-j
  end do
 end do
 print "(f20.8)", sum(matmul(a,b))
end program
END
gfortran -O2 p.f90 -o p && ./p
printf '#include <libintl.h>\n#include <stdio.h>\nint main(void) { puts(gettext("hello")); }\n' >g.c
xgettext -o - g.c | grep -A1 msgid | tail -n 2
printf 'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\nmsgid "a"\nmsgstr "b"\n' >a.po
msgfmt -o a.mo a.po && msgunfmt a.mo | tail -n 2
printf 'bits 64\nmov rax, [rbx+rcx*4+8]\ntimes 1000 imul rax, rdx\n' >a.s; nasm -f bin a.s -o a && md5sum <a
