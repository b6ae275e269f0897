/* SPDX-License-Identifier: Apache-2.0 */
/* fenv: flags that build up in hot loops, are read in the middle, saved and restored; rounding modes around loops.
 * build: -frounding-math -fno-builtin */
#include <fenv.h>
#include <math.h>
#include <pthread.h>

#include "tests/guest/guest_test.h"

static void show(const char *what)
{
    int f = fetestexcept(FE_ALL_EXCEPT);
    printf("%-12s%s%s%s%s%s\n", what, f & FE_INEXACT ? " inexact" : "", f & FE_UNDERFLOW ? " underflow" : "",
           f & FE_OVERFLOW ? " overflow" : "", f & FE_DIVBYZERO ? " divbyzero" : "", f & FE_INVALID ? " invalid" : "");
    feclearexcept(FE_ALL_EXCEPT);
}

static volatile double one = 1, three = 3, zero = 0, tiny = 0x1p-1022, huge = 0x1.fffffffffffffp1023;
static volatile float ftiny = 0x1p-126f;

static void single_operations(void)
{
    volatile double r;
    volatile float s;
    r = one + one;
    show("exact");
    r = one / three;
    show("1/3");
    r = one / zero;
    show("1/0");
    r = zero / zero;
    show("0/0");
    r = sqrt(-one);
    show("sqrt(-1)");
    r = huge * three;
    show("huge*3");
    r = tiny / three;
    show("tiny/3");
    r = tiny / 2;
    show("tiny/2 exact");
    r = (double)(INFINITY - (float)INFINITY);
    show("inf-inf");
    s = (float)one / 3;
    show("float 1/3");
    s = (float)tiny;
    show("narrow");
    s = ftiny / 3;
    show("ftiny/3");
    r = (double)(long)1e30;
    show("constant");
    volatile long l = (long)(huge);
    show("to long");
    l = (long)(one / 2);
    show("0.5 to long");
    volatile int c = one < (double)NAN;
    show("< nan");
    c = one == (double)NAN;
    show("== nan");
    r = fma(one / 3, three, -one);
    show("fma");
    (void)r;
    (void)s;
    (void)l;
    (void)c;
}

/* The flag comes from one turn out of many and must be seen exactly then. */
static void flags_in_loops(void)
{
    double x = 1;
    int seen = -1, count = 0;
    for (int i = 0; i < 20000; i++) {
        x = x + (i == 12345 ? one / 3 : 1);
        if (i % 1000 == 999 && fetestexcept(FE_INEXACT)) {
            if (seen < 0)
                seen = i;
            count++;
            feclearexcept(FE_INEXACT);
        }
        if (i == 12345)
            x = floor(x);
    }
    printf("seen at %d, %d times, %.1f\n", seen, count, x);
    show("after loop");
}

static void rounding(void)
{
    static const int modes[] = {FE_TONEAREST, FE_TOWARDZERO, FE_DOWNWARD, FE_UPWARD};
    for (int m = 0; m < 4; m++) {
        double sum = 0;
        float fsum = 0;
        long rounded = 0;
        fesetround(modes[m]);
        for (int i = 1; i < 5000; i++) {
            sum += one / i;
            fsum += (float)one / (float)i;
            rounded += lrint(sum * i) + (long)sum;
        }
        fesetround(FE_TONEAREST);
        printf("%d %.17g %.9g %ld\n", m, sum, (double)fsum, rounded);
    }
    feclearexcept(FE_ALL_EXCEPT);
}

static void environments(void)
{
    fenv_t saved;
    volatile double r = one / three;
    feholdexcept(&saved);
    show("held");
    r = one / zero;
    feupdateenv(&saved);
    show("updated");
    feraiseexcept(FE_OVERFLOW | FE_INVALID);
    show("raised");
    (void)r;
}

static void *other_thread(void *argument)
{
    (void)argument;
    printf("new thread: round %d, flags %d\n", fegetround() == FE_TONEAREST, fetestexcept(FE_ALL_EXCEPT));
    volatile double r = one / zero;
    (void)r;
    return NULL;
}

int main(void)
{
    pthread_t id;
    single_operations();
    flags_in_loops();
    rounding();
    environments();
    pthread_create(&id, NULL, other_thread, NULL);
    pthread_join(id, NULL);
    show("main");
    return 0;
}
