/* SPDX-License-Identifier: Apache-2.0 */
/* printf and scanf in all their forms, varargs of mixed types through several hands, strings and conversions.
 * not in: tier2 */
#include <limits.h>
#include <math.h>
#include <stdarg.h>
#include <wchar.h>

#include "tests/guest/guest_test.h"

static double mixed(const char *kinds, ...)
{
    va_list ap, copy;
    double sum = 0;
    va_start(ap, kinds);
    va_copy(copy, ap);
    for (const char *k = kinds; *k; k++) {
        if (*k == 'i')
            sum += va_arg(ap, int);
        else if (*k == 'l')
            sum += (double)va_arg(ap, long);
        else if (*k == 'd')
            sum += va_arg(ap, double);
        else if (*k == 'q')
            sum += (double)va_arg(ap, long double);
        else
            sum += (double)strlen(va_arg(ap, const char *));
    }
    if (*kinds == 'i')
        sum += 1000 * va_arg(copy, int);
    va_end(copy);
    va_end(ap);
    return sum;
}

static void through(const char *format, ...)
{
    char line[200];
    va_list ap;
    va_start(ap, format);
    int n = vsnprintf(line, sizeof(line), format, ap);
    va_end(ap);
    printf("%d [%s]\n", n, line);
}

int main(void)
{
    printf("[%d] [%5d] [%-5d] [%05d] [%+d] [%x] [%#X] [%o] [%#o]\n", 42, 42, 42, 42, 42, 0xbeef, 0xbeef, 8, 8);
    printf("[%ld] [%lu] [%lld] [%hhd] [%hd] [%zu] [%jd]\n", LONG_MIN, ULONG_MAX, LLONG_MAX, (char)-1, (short)-2,
           sizeof(int), (intmax_t)-3);
    printf("[%s] [%10s] [%-10s] [%.3s] [%c] [%%] [%*d] [%.*f]\n", "text", "right", "left", "truncated", 'c', 6, 7, 2,
           3.14159);
    printf("[%f] [%e] [%g] [%a] [%.0f] [%10.3f] [%-12.4e] [%G]\n", 1.5, 12345.678, 1e-5, 1.0, 2.5, -3.14159, 6.02e23,
           1e100);
    printf("[%f] [%f] [%f] [%g] [%.17g] [%.17g]\n", INFINITY, -INFINITY, NAN, -0.0, 0.1, 5e-324);
    printf("[%Lf] [%.30Lg] [%La]\n", 1.25L, 1.0L / 3.0L, 0.1L);
    through("%s %d %f %ld %s %d %d %d %f %f %f %s", "a", 1, 2.0, 3L, "b", 4, 5, 6, 7.5, 8.25, 9.125, "end");
    printf("%.6f %.6f\n",
           mixed("idlsqidlsqidls", 1, 2.5, 3L, "four", 5.5L, 6, 7.5, 8L, "nine", 10.5L, 11, 12.5, 13L, "fourteen"),
           mixed("dddddddddd", 1., 2., 3., 4., 5., 6., 7., 8., 9., 10.));
    int a, n;
    double d;
    char word[20];
    n = sscanf("17 2.75e2 hello 0x1f", "%d %lf %19s %i", &a, &d, word, &a);
    printf("%d %d %g %s\n", n, a, d, word);
    printf("%ld %lu %g %g\n", strtol("-7fz", NULL, 16), strtoul("18446744073709551615", NULL, 10),
           strtod("1e308", NULL), strtod("0x1.8p1", NULL));
    for (int e = -320; e <= 308; e += 37)
        printf("%.17g ", strtod("1", NULL) * pow(10, e));
    printf("\n%.15g %.15g %.15g %.15g\n", sin(1.0), exp(1.0), log(10.0), atan2(1.0, -2.0));
    printf("%ls %d\n", L"wide", (int)wcslen(L"wide"));
    return 0;
}
