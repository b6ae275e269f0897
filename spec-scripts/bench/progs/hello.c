/* SPDX-License-Identifier: Apache-2.0 */
/* hello: prints one line; what remains is start-up.
 * class startup; quick 1 */
#include <stdio.h>

int main(void)
{
    puts("hello, world");
    return 0;
}
