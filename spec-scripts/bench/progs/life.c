/* SPDX-License-Identifier: Apache-2.0 */
/* life: Conway's game of life on a torus of bytes; neighbour loads and data-dependent choices.
 * class int; quick 40 */
#include "bench.h"

enum { WIDTH = 512, HEIGHT = 384 };

static uint8_t board[2][HEIGHT][WIDTH];

static void step(uint8_t (*from)[WIDTH], uint8_t (*to)[WIDTH])
{
    for (int y = 0; y < HEIGHT; y++) {
        const uint8_t *up = from[(y + HEIGHT - 1) % HEIGHT], *here = from[y], *down = from[(y + 1) % HEIGHT];
        for (int x = 0; x < WIDTH; x++) {
            int left = (x + WIDTH - 1) % WIDTH, right = (x + 1) % WIDTH;
            int n = up[left] + up[x] + up[right] + here[left] + here[right] + down[left] + down[x] + down[right];
            if (here[x])
                to[y][x] = n == 2 || n == 3;
            else
                to[y][x] = n == 3;
        }
    }
}

int main(int argc, char **argv)
{
    long steps = bench_size(argc, argv, 3600);
    uint64_t seed = 12345, sum = 0;
    for (int y = 0; y < HEIGHT; y++)
        for (int x = 0; x < WIDTH; x++)
            board[0][y][x] = bench_random(&seed) >> 62 == 0;
    for (long s = 0; s < steps; s++)
        step(board[s & 1], board[~s & 1]);
    for (int y = 0; y < HEIGHT; y++)
        for (int x = 0; x < WIDTH; x++)
            sum = bench_fold(sum, board[steps & 1][y][x]);
    return bench_report("life", sum);
}
