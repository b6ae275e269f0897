/* SPDX-License-Identifier: Apache-2.0 */
/* nbody: planets under gravity; dependent double arithmetic with square roots and divisions.
 * class fp; quick 50000 */
#include <math.h>

#include "bench.h"

enum { BODIES = 5 };

struct body {
    double x, y, z, vx, vy, vz, mass;
};

static void advance(struct body *b, double dt)
{
    for (int i = 0; i < BODIES; i++)
        for (int j = i + 1; j < BODIES; j++) {
            double dx = b[i].x - b[j].x, dy = b[i].y - b[j].y, dz = b[i].z - b[j].z;
            double d2 = dx * dx + dy * dy + dz * dz;
            double f = dt / (d2 * sqrt(d2));
            b[i].vx -= dx * b[j].mass * f;
            b[i].vy -= dy * b[j].mass * f;
            b[i].vz -= dz * b[j].mass * f;
            b[j].vx += dx * b[i].mass * f;
            b[j].vy += dy * b[i].mass * f;
            b[j].vz += dz * b[i].mass * f;
        }
    for (int i = 0; i < BODIES; i++) {
        b[i].x += dt * b[i].vx;
        b[i].y += dt * b[i].vy;
        b[i].z += dt * b[i].vz;
    }
}

static double energy(const struct body *b)
{
    double e = 0;
    for (int i = 0; i < BODIES; i++) {
        e += 0.5 * b[i].mass * (b[i].vx * b[i].vx + b[i].vy * b[i].vy + b[i].vz * b[i].vz);
        for (int j = i + 1; j < BODIES; j++) {
            double dx = b[i].x - b[j].x, dy = b[i].y - b[j].y, dz = b[i].z - b[j].z;
            e -= b[i].mass * b[j].mass / sqrt(dx * dx + dy * dy + dz * dz);
        }
    }
    return e;
}

int main(int argc, char **argv)
{
    long steps = bench_size(argc, argv, 16000000);
    struct body bodies[BODIES] = {
        {0, 0, 0, 0, 0, 0, 39.5},
        {4.8, -1.2, -0.1, 0.6, 2.8, -0.02, 0.038},
        {8.3, 4.1, -0.4, -1.0, 1.8, 0.008, 0.011},
        {12.9, -15.1, -0.2, 1.1, 0.9, -0.01, 0.0017},
        {15.4, -25.9, 0.2, 0.98, 0.59, -0.03, 0.002},
    };
    uint64_t sum = bench_bits(energy(bodies));
    for (long i = 0; i < steps; i++)
        advance(bodies, 0.01);
    printf("energy %.17g\n", energy(bodies));
    for (int i = 0; i < BODIES; i++)
        sum = bench_fold(sum, bench_bits(bodies[i].x));
    return bench_report("nbody", sum);
}
