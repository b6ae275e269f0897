/* SPDX-License-Identifier: Apache-2.0 */
/* raytrace: spheres, shadows and mirrors in single precision; float vectors by value, square roots, branches.
 * class fp; quick 60 */
#include <math.h>

#include "bench.h"

struct vec {
    float x, y, z;
};

struct sphere {
    struct vec centre;
    float radius, mirror;
    struct vec colour;
};

enum { SPHERES = 9 };
static struct sphere scene[SPHERES];

static struct vec add(struct vec a, struct vec b) { return (struct vec){a.x + b.x, a.y + b.y, a.z + b.z}; }
static struct vec sub(struct vec a, struct vec b) { return (struct vec){a.x - b.x, a.y - b.y, a.z - b.z}; }
static struct vec scale(struct vec a, float f) { return (struct vec){a.x * f, a.y * f, a.z * f}; }
static float dot(struct vec a, struct vec b) { return a.x * b.x + a.y * b.y + a.z * b.z; }
static struct vec unit(struct vec a) { return scale(a, 1.0f / sqrtf(dot(a, a))); }

static void make_scene(void)
{
    uint64_t seed = 17;
    for (int i = 0; i < SPHERES; i++) {
        float u = (float)(bench_random(&seed) >> 40) / 16777216.0f;
        struct sphere *s = &scene[i];
        s->centre = (struct vec){(float)(i % 3) * 2.2f - 2.2f, (float)(i / 3) * 1.6f - 1.6f, 6.0f + 3.0f * u};
        s->radius = 0.7f + 0.4f * u;
        s->mirror = i & 1 ? 0.4f : 0.1f;
        s->colour = (struct vec){u, 1.0f - u, 0.3f + 0.1f * (float)(i % 5)};
    }
}

static float hit(const struct sphere *s, struct vec from, struct vec towards)
{
    struct vec to_centre = sub(s->centre, from);
    float along = dot(to_centre, towards);
    float d = along * along - dot(to_centre, to_centre) + s->radius * s->radius;
    if (d <= 0)
        return -1;
    float root = sqrtf(d);
    return along - root > 0.001f ? along - root : along + root;
}

static const struct sphere *nearest(struct vec from, struct vec towards, float *distance)
{
    const struct sphere *found = NULL;
    *distance = 1e9f;
    for (int i = 0; i < SPHERES; i++) {
        float t = hit(&scene[i], from, towards);
        if (t > 0.001f && t < *distance) {
            *distance = t;
            found = &scene[i];
        }
    }
    return found;
}

static struct vec trace(struct vec from, struct vec towards, int depth)
{
    static const struct vec light = {5, 8, -4};
    float distance, shade;
    const struct sphere *s = nearest(from, towards, &distance);
    if (!s)
        return (struct vec){0.2f + 0.2f * towards.y, 0.3f, 0.5f - 0.2f * towards.y};
    struct vec point = add(from, scale(towards, distance));
    struct vec normal = unit(sub(point, s->centre)), to_light = unit(sub(light, point));
    float lit = dot(normal, to_light);
    if (lit > 0 && nearest(point, to_light, &shade))
        lit *= 0.3f;
    struct vec colour = scale(s->colour, lit > 0 ? 0.2f + 0.8f * lit : 0.2f);
    if (depth == 0)
        return colour;
    struct vec bounce = sub(towards, scale(normal, 2 * dot(towards, normal)));
    return add(scale(colour, 1 - s->mirror), scale(trace(point, unit(bounce), depth - 1), s->mirror));
}

int main(int argc, char **argv)
{
    long size = bench_size(argc, argv, 6000);
    uint64_t sum = 0;
    make_scene();
    for (long y = 0; y < size; y++)
        for (long x = 0; x < size; x++) {
            struct vec ray = {(float)(2 * x - size) / (float)size, (float)(size - 2 * y) / (float)size, 1.4f};
            struct vec c = trace((struct vec){0, 0, -1}, unit(ray), 4);
            sum = bench_fold(sum, (uint64_t)(c.x * 255) << 32 | (uint64_t)(c.y * 255) << 16 | (uint64_t)(c.z * 255));
        }
    return bench_report("raytrace", sum);
}
