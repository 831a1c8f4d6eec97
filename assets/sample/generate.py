#!/usr/bin/env python3
"""The sample clients: two balding men, five photographs of each with exact landmarks.

    apt-get install blender python3-numpy python3-scipy python3-skimage python3-pil python3-piexif
    blender -b -P assets/sample/generate.py -- assets/sample

Writes light/ and dark/ into OUTDIR: a light-skinned man with brown hair and a
dark-skinned man with black hair, Norwood V to VI, their own hair shaved to
stubble. Each has front, left-oblique, right, top, back.jpg, landmarks.json (what a
person could point at in each view) and truth.json (the cameras, the landmarks
in head space, where stubble grows).

Options after OUTDIR: --client light,dark  --views front,top  --scale 0.2  --step 1.2
(mm, fineness of the head)  --samples 32  --cache DIR (keeps the heads' meshes between
runs)  --overlay DIR (pictures with the landmarks drawn in), --keep DIR (linear
pictures; those already there are only developed again), --bald (without stubble, to
measure what stubble takes), --crop 0.2,0.4,0.8,0.8 (left, top, right, bottom: a part
at full size, to look at details).

Everything is modelled here, from numbers: no scan, no texture, no downloaded
model. It was written against Blender 3.4 (Cycles, processor only; some two minutes of
processor time per picture). Seeds are fixed; the same program on the same machine gives
the same pictures.

How a picture is made: the head is a signed distance field, turned into a mesh and
painted; eyes, brows, lashes and 64,000 to 69,000 stubble hairs are meshes of their own;
Cycles traces a soft pass (light scattered in the skin) and a sharp one (reflections,
colours, hairs). What hairs take from the light below the surface is not traced: it is
a darkening round every root, measured against photographs of shaved heads.
`develop` then does what a camera does.

Head space, millimetres: +x the subject's left, +y up, +z forward, the origin in
the middle of the head at its largest breadth. Blender's world is head space.
Camera space: x right, y down, z forward, p_camera = rotation * p_head + translation.
"""
import json
import math
import os
import sys
import time
from types import SimpleNamespace

import numpy as np

WIDTH_PX, HEIGHT_PX = 1500, 2000
FOCAL_35_MM = 85.0
# 35 mm equivalents are defined by the diagonal (36 x 24 mm film: 43.2666 mm)
FX_PX = FOCAL_35_MM / 43.2666 * math.hypot(WIDTH_PX, HEIGHT_PX)
SENSOR_DIAGONAL_MM = 12.3       # of the pretended camera, for FocalLength only

# ----------------------------------------------------------------------------
# CLIENTS: what differs between the two men
# ----------------------------------------------------------------------------
# Colours are linear albedos. `broad` and `full` are millimetres added to the
# nose's wings and to the lips; `spot` is what a root takes from the light round
# it, times CORE_LOSS and HALO_LOSS, which are set so that shaved hair beside bare
# skin measures as on photographs: R G B .62 .77 .80 of the light. `left` is what
# his has come out as: the same crop of the back, without (--bald) and with it.

CLIENTS = {
    'light': SimpleNamespace(
        seed=0, skin=(0.600, 0.372, 0.274), flush=(0.570, 0.252, 0.198), lips=(0.500, 0.240, 0.205),
        spots=(0.55, 0.9, 1.1), scatter_mm=(2.3, 0.85, 0.48), rough=-0.03, mottle=1.0,
        hair=(0.040, 0.026, 0.018), brow=(0.050, 0.031, 0.021), fine=(0.16, 0.10, 0.065),
        iris=(0.105, 0.100, 0.062), iris_inner=(0.120, 0.070, 0.030), sclera=(0.60, 0.545, 0.50),
        lid_margin=(0.60, 0.30, 0.25), shirt=(0.020, 0.024, 0.034), exposure=3.5,
        broad=0.0, full=0.0, units_cm2=76.0, shaft_mm=0.080, length_mm=(0.45, 1.05), beard=1.0,
        spot=(1.0, 1.0, 1.0), left=(0.66, 0.76, 0.78)),
    'dark': SimpleNamespace(
        seed=500, skin=(0.150, 0.080, 0.051), flush=(0.155, 0.067, 0.042), lips=(0.125, 0.060, 0.050),
        spots=(0.9, 1.0, 1.1), scatter_mm=(0.85, 0.48, 0.30), rough=-0.025, mottle=1.25,
        hair=(0.010, 0.009, 0.008), brow=(0.011, 0.009, 0.008), fine=(0.045, 0.030, 0.022),
        iris=(0.030, 0.015, 0.007), iris_inner=(0.045, 0.022, 0.010), sclera=(0.52, 0.45, 0.385),
        lid_margin=(0.155, 0.085, 0.068), shirt=(0.090, 0.088, 0.084), exposure=4.4,
        broad=2.3, full=2.2, units_cm2=68.0, shaft_mm=0.085, length_mm=(0.45, 1.00), beard=1.0,
        spot=(1.0, 1.0, 1.0), left=(0.65, 0.80, 0.84)),
}
who = CLIENTS['light']      # the man being made; `main` changes it

# ----------------------------------------------------------------------------
# GEOMETRY: a signed distance field, millimetres, negative inside
# ----------------------------------------------------------------------------
# Only the half x >= 0 is evaluated; the field is mirrored, then the finished
# mesh is bent by a fraction of a millimetre (see `asymmetry`), because a
# perfectly symmetric face is the first thing that gives a model away.

VERTEX_Y_MM = 80.5


class Field:
    """A block of samples of a signed distance, edited feature by feature."""

    def __init__(self, lo_mm, hi_mm, step_mm):
        self.lo, self.step = np.array(lo_mm, float), float(step_mm)
        n = [int(math.ceil((h - l) / step_mm)) + 1 for l, h in zip(lo_mm, hi_mm)]
        self.axes = [(l + step_mm * np.arange(m)).astype(np.float32) for l, m in zip(lo_mm, n)]
        self.d = np.full(n, 25.0, np.float32)

    def block(self, lo=None, hi=None):
        """Slices and open-grid coordinates of the part between two corners."""
        sl = []
        for a in range(3):
            ax = self.axes[a]
            i0 = 0 if lo is None else int(np.searchsorted(ax, lo[a]))
            i1 = len(ax) if hi is None else int(np.searchsorted(ax, hi[a]))
            sl.append(slice(i0, max(i1, i0)))
        x = self.axes[0][sl[0]][:, None, None]
        y = self.axes[1][sl[1]][None, :, None]
        z = self.axes[2][sl[2]][None, None, :]
        return tuple(sl), x, y, z

    def edit(self, how, shape, k, lo, hi):
        """how: 'add' (smooth union), 'cut' (smooth difference)."""
        m = k + 3 * self.step
        sl, x, y, z = self.block([v - m for v in lo], [v + m for v in hi])
        if min(s.stop - s.start for s in sl) <= 0:
            return
        e = shape(x, y, z).astype(np.float32)
        if how == 'add':
            self.d[sl] = smooth_min(self.d[sl], e, k)
        elif how == 'cut':
            self.d[sl] = -smooth_min(-self.d[sl], e, k)
        else:
            raise ValueError(how)

    def push(self, amount, lo, hi):
        """Moves the surface by `amount` mm (positive: outwards), a function."""
        sl, x, y, z = self.block(lo, hi)
        if min(s.stop - s.start for s in sl) > 0:
            self.d[sl] -= amount(x, y, z).astype(np.float32)

    # short forms -----------------------------------------------------------
    def ellipsoid(self, how, c, r, k, rot=None):
        big = max(r)
        self.edit(how, lambda x, y, z: sd_ellipsoid(x, y, z, c, r, rot), k,
                  [v - big for v in c], [v + big for v in c])

    def tube(self, how, points, radii, k, smooth=8):
        p, r = dense(points, radii, smooth)
        big = r.max()
        self.edit(how, lambda x, y, z: sd_chain(x, y, z, p, r), k,
                  p.min(0) - big, p.max(0) + big)


def smooth_min(a, b, k):
    if k <= 0:
        return np.minimum(a, b)
    h = np.maximum(k - np.abs(a - b), 0.0) / k
    return np.minimum(a, b) - h * h * (k * 0.25)


def sd_ellipsoid(x, y, z, c, r, rot=None):
    px, py, pz = x - c[0], y - c[1], z - c[2]
    if rot is not None:
        px, py, pz = (rot[0][0] * px + rot[0][1] * py + rot[0][2] * pz,
                      rot[1][0] * px + rot[1][1] * py + rot[1][2] * pz,
                      rot[2][0] * px + rot[2][1] * py + rot[2][2] * pz)
    k0 = np.sqrt((px / r[0]) ** 2 + (py / r[1]) ** 2 + (pz / r[2]) ** 2)
    k1 = np.sqrt((px / r[0] ** 2) ** 2 + (py / r[1] ** 2) ** 2 + (pz / r[2] ** 2) ** 2)
    return np.maximum(k0 * (k0 - 1.0) / np.maximum(k1, 1e-6), -min(r))


def dense(points, radii, n):
    """A Catmull-Rom curve through the points, as a chain of short pieces."""
    p = np.array(points, float)
    r = np.broadcast_to(np.array(radii, float), (len(p),))
    if n <= 1 or len(p) < 3:
        return p, np.array(r)
    q = np.vstack([2 * p[0] - p[1], p, 2 * p[-1] - p[-2]])
    t = np.linspace(0, 1, n, endpoint=False)[:, None]
    out, rad = [], []
    for i in range(len(p) - 1):
        a, b, c, d = q[i:i + 4]
        out.append(0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t ** 2
                          + (3 * b - 3 * c + d - a) * t ** 3))
        rad.append(r[i] + (r[i + 1] - r[i]) * t[:, 0])
    return np.vstack(out + [p[-1:]]), np.concatenate(rad + [r[-1:]])


def sd_chain(x, y, z, p, r):
    best = None
    for a, b, ra, rb in zip(p[:-1], p[1:], r[:-1], r[1:]):
        ab = b - a
        h = ((x - a[0]) * ab[0] + (y - a[1]) * ab[1] + (z - a[2]) * ab[2]) / max(ab @ ab, 1e-9)
        h = np.clip(h, 0.0, 1.0)
        d = np.sqrt((x - a[0] - h * ab[0]) ** 2 + (y - a[1] - h * ab[1]) ** 2
                    + (z - a[2] - h * ab[2]) ** 2) - (ra + (rb - ra) * h)
        best = d if best is None else np.minimum(best, d)
    return best


def bell(v, width):
    return np.exp(-(v / width) ** 2)


def ramp(v, a, b):
    t = np.clip((v - a) / (b - a), 0.0, 1.0)
    return t * t * (3 - 2 * t)


def by_height(table, smooth=0.28):
    """A function of s = sqrt(vertex - y) through (y, value) pairs.

    In s the skull cap is a straight line, so a spline closes it smoothly.
    """
    from scipy.interpolate import PchipInterpolator
    from scipy.ndimage import gaussian_filter1d
    t = sorted((math.sqrt(max(VERTEX_Y_MM - y, 0.0)), v) for y, v in table)
    s, v = np.array(t).T
    g = np.linspace(0, 18, 1801)
    f = PchipInterpolator(s, v)(np.clip(g, s[0], s[-1]))
    f = gaussian_filter1d(f, smooth * 100, mode='nearest')
    return lambda q: np.interp(q, g, f)


def skull_and_jaw(field):
    """Horizontal sections: each a pair of half super-ellipses (front, back)."""
    sq = lambda y: math.sqrt(VERTEX_Y_MM - y)
    mid = [(80, -12), (60, -13), (40, -15), (20, -17), (0, -18), (-20, -12), (-40, -2),
           (-60, 6), (-80, 8), (-100, 10), (-125, 18), (-150, 26)]
    mid_f = by_height(mid)
    front = [(76, 26), (70, 46.5), (62, 64), (52, 78), (40, 87.5), (25, 93.5), (10, 95.6), (-5, 96),
             (-14, 95.5), (-29, 90), (-42, 87), (-60, 88), (-80, 92), (-100, 93), (-118, 90.5),
             (-132, 90), (-150, 86)]
    back = [(76, -46), (70, -60.5), (60, -74), (45, -86), (25, -94.3), (5, -97.3), (-15, -96.5),
            (-35, -91), (-55, -82), (-75, -70), (-95, -58), (-120, -45), (-150, -40)]
    width = [(76, 26.5), (70, 40.5), (60, 53.5), (45, 65), (25, 73.0), (5, 76.0), (-20, 75),
             (-40, 72), (-60, 68.8), (-80, 64.5), (-100, 59), (-115, 53), (-130, 44.5), (-150, 32)]
    pf = by_height([(80, 2.0), (60, 2.05), (40, 2.2), (10, 2.4), (-20, 2.4), (-40, 2.4), (-60, 2.4),
                    (-80, 2.2), (-100, 2.05), (-125, 2.1), (-150, 2.1)])
    pb = by_height([(80, 2.0), (50, 2.05), (0, 2.15), (-40, 2.2), (-150, 2.2)])
    # divided by s: constant, not zero, at the vertex
    W = by_height([(y, v / sq(y)) for y, v in width])
    F = by_height([(y, (v - mid_f(sq(y))) / sq(y)) for y, v in front])
    B = by_height([(y, (mid_f(sq(y)) - v) / sq(y)) for y, v in back])

    sl, x, y, z = field.block()
    s2 = (VERTEX_Y_MM - y).astype(np.float32)
    s = np.sqrt(np.maximum(s2, 0.05))
    f32 = lambda v: v.astype(np.float32)
    m = f32(mid_f(s))
    dz = z - m
    ahead = dz > 0
    depth = np.where(ahead, f32(F(s)) * s, f32(B(s)) * s)
    p = np.where(ahead, f32(pf(s)), f32(pb(s)))
    rx = (x / (f32(W(s)) * s)) ** p
    g = np.maximum(s2, 0.05) * (rx + (np.abs(dz) / depth) ** p) - s2
    gx, gy, gz = np.gradient(g, field.step)
    n = np.sqrt(gx * gx + gy * gy + gz * gz)
    field.d = np.clip(g / np.maximum(n, 0.02), -25, 25).astype(np.float32)

    # the underside of the jaw: everything below the mandibular plane goes
    def below_jaw(x, y, z):
        zz = np.maximum(z, -30.0)
        plane_y = -107.5 - 0.46 * (zz - 5) + 0.0021 * x ** 2
        return (y - plane_y) * 0.90
    field.edit('cut', below_jaw, 17.0, (0, -400, -200), (120, -60, 200))


def neck(field):
    from scipy.ndimage import gaussian_filter
    # column, leaning forward as it rises; its top ends inside the skull
    def column(x, y, z):
        t = np.clip((-95 - y) / 120.0, -0.3, 1.3)
        cz = -13 - 25 * t
        rx = 54.5 + 5 * t * np.abs(t)
        rz = 50 + 2 * t
        q = np.sqrt((x / rx) ** 2 + ((z - cz) / rz) ** 2)
        return np.maximum((q - 1) * 52, y + 58)
    field.edit('add', column, 22, (0, -330, -130), (90, -50, 70))
    # the floor of the mouth, so that chin and throat flow together
    field.tube('add', [(0, -129, 52), (0, -144, 34), (0, -160, 21)], [11, 13, 14], 24)
    # sternocleidomastoid: from behind the ear to the notch of the breastbone
    field.tube('add', [(55, -80, -22), (49, -120, -4), (37, -160, 12), (20, -205, 16), (12, -240, 16)],
               [8, 8.5, 8, 6.5, 6], 18)
    # trapezius, and the cord of the nape between its two halves
    field.tube('add', [(16, -75, -59), (21, -120, -61.5), (34, -170, -67), (72, -214, -68), (140, -250, -62)],
               [13, 16, 20, 24, 26], 28)
    field.tube('add', [(0, -80, -57), (0, -120, -59.5), (0, -170, -69), (0, -230, -80)], [12, 15, 17, 18], 24)
    # larynx
    field.tube('add', [(0, -152, 26), (0, -165, 29.5), (0, -181, 22)], [6, 6.5, 6], 16)
    # muscles join softly: the joints of the tubes above must not show
    sl, x, y, z = field.block((-1, -400, -200), (200, -40, 200))
    soft = gaussian_filter(field.d[sl], 3.2 / field.step, mode='mirror')
    where = np.maximum(ramp(-y, 125, 150) * np.ones_like(z), ramp(-z, 8, 30) * ramp(-y, 50, 75))
    field.d[sl] += where.astype(np.float32) * (soft - field.d[sl])


def brow_and_orbits(field):
    field.tube('add', [(0, -15, 85), (12, -15.5, 86.5), (26, -13.5, 82), (40, -14.5, 71.5), (51, -24, 55)],
               [9.3, 9.3, 8.8, 7.5, 4], 13)
    # sockets: the hollow between the brow, the nose and the cheek bone
    field.ellipsoid('cut', (30, -40, 101), (21, 14.5, 22), 12)
    field.ellipsoid('cut', (17, -39, 99), (8.5, 12, 15), 9)
    # cheek bones and the arch that runs to the ear
    field.tube('add', [(36, -63, 68), (48, -59, 58), (60, -54, 38), (66, -52, 16)],
               [9.6, 9.0, 4.4, 0.5], 30)
    # temples
    field.ellipsoid('cut', (91, -14, 47), (22, 30, 28), 40)
    # hollow of the cheek
    field.ellipsoid('cut', (91, -98, 58), (25, 22, 26), 30)


# the eyes ---------------------------------------------------------------------
EYE_MM = np.array([31.5, -41.0, 71.2])
EYEBALL_R_MM = 12.0
LID_R_MM = 13.5
GAZE_UP_DEG = 7.0           # heads are bowed a little, and the eyes look up again


def corner_y(x):
    """The line from the inner corner of the eye (x 17) to the outer (x 45)."""
    return -42.6 + 1.6 * (x - 17.0) / 28.0


def lid_y(x, upper):
    """The edge of a lid: the upper one peaks towards the nose, the lower outwards."""
    t = np.clip((x - 17.0) / 28.0, 0.0, 1.0)
    if upper:
        return corner_y(x) + 5.7 * np.maximum(np.sin(math.pi * t ** 0.88), 0) ** 0.72
    return corner_y(x) - 3.9 * np.maximum(np.sin(math.pi * t ** 1.15), 0) ** 0.85


def lid_crease_y(x):
    t = (x - 17.0) / 30.0
    return lid_y(x, True) + 2.4 + 0.9 * np.clip(4 * t * (1 - t), 0, 1)


def eyelids(field):
    field.ellipsoid('add', EYE_MM, (15.2, LID_R_MM, LID_R_MM), 6.5)
    # inner corner
    field.tube('add', [(20, -42, 78.5), (16.5, -42.5, 80)], [2.6, 1.6], 5)
    lo, hi = (10, -62, 55), (58, -18, 100)

    def crease(x, y, z):
        inside = ramp(x, 15.5, 23) * (1 - ramp(x, 46, 53))
        v = y - lid_crease_y(x)
        # the fold hangs over the crease, and more of it outwards
        return inside * (-1.15 * bell(v, 1.0) + (0.9 + 0.6 * ramp(x, 28, 44)) * bell(v - 2.6, 2.6))
    field.push(crease, lo, hi)

    def under_eye(x, y, z):
        t = (x - 15.0) / 30.0
        sag = 8.0 * np.clip(4 * t * (1 - t), 0, 1)
        v = y + 46.2 + sag
        across = ramp(x, 13, 20) * (1 - ramp(x, 36, 47))
        bag = 0.75 * bell(v - 3.0, 3.0) - 0.65 * bell(v + 0.6, 1.7)
        second = -0.3 * bell(v - 3.4, 0.8) * ramp(x, 17, 24)
        tear = -0.8 * bell(y + 52.5 + 0.55 * (x - 17), 2.2) * ramp(x, 14, 18) * (1 - ramp(x, 26, 37))
        return across * (bag + second) + tear
    field.push(under_eye, (10, -74, 55), (52, -40, 100))


def open_eyes(field):
    """Cuts the slits between the lids; the eyeballs are meshes of their own."""
    def slit(x, y, z):
        floor = np.sqrt(((x - EYE_MM[0]) / 12.1) ** 2 + ((y - EYE_MM[1]) / 11.7) ** 2 + ((z - EYE_MM[2]) / 11.7) ** 2)
        v = np.maximum(y - lid_y(x, True), lid_y(x, False) - y)
        v = np.maximum(v, np.maximum(16.9 - x, x - 45.1))
        return np.maximum(np.maximum(v * 0.93, (1 - floor) * 11.7), 66.0 - z)
    field.edit('cut', slit, 0.7, (15, -52, 66), (48, -30, 100))
    field.ellipsoid('add', (44.2, -41.2, 74.3), (2.4, 1.5, 2.2), 1.2)
    # the little red mound in the inner corner, and the fold beside it
    field.ellipsoid('add', (19.4, -42.7, 77.6), (2.5, 1.7, 2.5), 1.0)
    field.ellipsoid('add', (22.2, -42.3, 76.6), (2.4, 2.8, 2.4), 1.4)


def wrinkles(field):
    """Lines that a face of forty-five has, shallow: a model has none."""
    def frown(x, y, z):
        v = x - (5.2 + 0.10 * (y + 16))
        return -0.45 * bell(v, 1.0) * ramp(y, -25, -19) * (1 - ramp(y, -12, -4)) + 0.25 * bell(v - 3.2, 2.2) * bell(y + 15, 8)
    field.push(frown, (-1, -28, 70), (16, 2, 110))

    def crows_feet(x, y, z):
        out = 0
        for slope, at in ((0.42, 0.0), (0.05, -1.0), (-0.38, -2.2)):
            v = y - (-40.5 + at + slope * (x - 46.5))
            out = out - 0.30 * bell(v, 0.75) * ramp(x, 47.0, 49.5) * (1 - ramp(x, 54, 60))
        return out
    field.push(crows_feet, (44, -56, 30), (64, -26, 90))

    def neck_lines(x, y, z):
        out = 0
        for y0 in (-158.0, -173.0):
            out = out - 0.22 * bell(y - (y0 + 0.10 * z + 2.0 * np.sin(x / 11.0)), 1.6)
        return out * ramp(z, -10, 15)
    field.push(neck_lines, (-1, -190, -20), (70, -140, 60))


def nose(field):
    # bridge to tip
    field.tube('add', [(0, -22, 84), (0, -31, 85.2), (0, -44, 90.0), (0, -57, 97.0), (0, -67, 102.0)],
               [8.2, 7.4, 7.6, 8.2, 8.6], 9)
    # the slope from the bridge down to the cheek
    field.tube('add', [(6, -42, 82), (9, -56, 86), (12, -70, 88)], [7, 8, 8], 10)
    field.ellipsoid('add', (0, -72.2, 104.2), (9.3 + 0.6 * who.broad, 8.2, 9.6), 6)
    field.ellipsoid('add', (3.6, -72.6, 106.0), (6.2, 6.2, 6.6), 4)
    # wings
    a = math.radians(18)
    rot = [[math.cos(a), 0, -math.sin(a)], [0, 1, 0], [math.sin(a), 0, math.cos(a)]]
    w = who.broad
    field.ellipsoid('add', (11.0 + w, -76.2, 96.0), (4.7 + 0.35 * w, 6.1 + 0.2 * w, 10.8), 7.0, rot)
    # columella
    field.tube('add', [(0, -77, 108), (0, -81.0, 103), (0, -83.5, 96)], [3.6, 3.0, 3.6], 4)
    # groove behind and above the wing
    def alar(x, y, z):
        r = np.sqrt(((x - 10.2 - w) / 1.0) ** 2 + ((y + 75.6) / 1.0) ** 2)
        arc = bell(r - 7.6 - 0.3 * w, 1.4) * ramp(x, 7.0 + w, 12.0 + w) * ramp(y, -82.5, -76)
        return -0.95 * arc
    field.push(alar, (5, -86, 84), (24, -62, 112))
    # nostrils
    b = math.radians(28)
    rot = [[math.cos(b), 0, math.sin(b)], [0, 1, 0], [-math.sin(b), 0, math.cos(b)]]
    field.ellipsoid('cut', (7.3 + 0.6 * w, -83.8, 99.6), (3.1 + 0.3 * w, 4.6, 5.6), 2.0, rot)


# the mouth -------------------------------------------------------------------
MOUTH_HALF_MM = 24.5


def mouth_line_y(x):
    t = np.clip(x / MOUTH_HALF_MM, 0, 1.2)
    return -101.6 - 0.7 * bell(x, 4.5) + 0.7 * bell(x - 11, 6.0) + 2.5 * t ** 2.2


def lip_top_y(x):
    t = np.clip(x / MOUTH_HALF_MM, 0, 1)
    return mouth_line_y(x) + ((6.4 + 0.9 * who.full) * (1 - t ** 1.35)) * (1 - 0.17 * bell(x, 3.2)) + 0.05


def lip_bottom_y(x):
    t = np.clip(x / MOUTH_HALF_MM, 0, 1)
    return mouth_line_y(x) - (7.6 + 0.9 * who.full) * np.clip(1 - t ** 1.8, 0, 1) - 0.05


def mouth(field):
    # the muzzle the lips sit on
    field.ellipsoid('add', (0, -97, 76.8), (31, 25, 22.8), 14)

    def lip(upper):
        def f(x, y, z):
            t = np.clip(x / MOUTH_HALF_MM, 0, 1.0)
            edge = lip_top_y(x) if upper else lip_bottom_y(x)
            ym = mouth_line_y(x)
            yc = 0.5 * (edge + ym)
            ry = np.abs(edge - ym) * 0.5 + 1.1
            rz = ((6.0 if upper else 7.0) + 0.5 * who.full) * (1 - 0.5 * t ** 2)
            zf = (102.6 if upper else 101.4) + 0.9 * who.full - 16.8 * t ** 2.0
            cz = zf - rz
            q = np.sqrt(((y - yc) / ry) ** 2 + ((z - cz) / rz) ** 2)
            return np.maximum((q - 1) * np.minimum(ry, rz) * 0.85, x - MOUTH_HALF_MM - 0.5)
        return f
    field.edit('add', lip(True), 2.6, (0, -104, 70), (28, -90, 107))
    field.edit('add', lip(False), 3.2, (0, -116, 70), (28, -98, 107))

    def line(x, y, z):
        v = y - mouth_line_y(x)
        along = 1 - ramp(x, MOUTH_HALF_MM - 3, MOUTH_HALF_MM + 3.5)
        rim = 0.35 * bell(y - lip_top_y(x) - 0.3, 0.8) * (1 - ramp(x, 15, 22))
        return along * (-1.5 * bell(v, 0.75) + rim)
    field.push(line, (0, -116, 76), (30, -88, 106))

    def folds(x, y, z):
        corner = -1.3 * bell(np.sqrt((x - 27.0) ** 2 + ((y + 100.6) / 1.3) ** 2), 3.4)
        philtrum = (-1.25 * bell(x, 2.9) + 0.55 * bell(x - 5.4, 1.9)) * ramp(y, -97, -91.5) * (1 - ramp(y, -86, -81))
        # nasolabial fold: from the wing of the nose past the mouth's corner
        fx = 19.0 + 15.5 * np.clip((-78 - y) / 30.0, 0, 1) ** 0.8
        fold = (-1.05 * bell(x - fx, 2.3) - 0.5 * bell(x - fx, 5.0) + 0.9 * bell(x - fx - 6.0, 5.0)) * ramp(-y, 72, 82) * (1 - ramp(-y, 97, 114))
        marionette = -0.6 * bell(x - 29.5 - 0.10 * (-104 - y), 1.8) * ramp(-y, 103, 108) * (1 - ramp(-y, 114, 126))
        fold = fold + marionette
        sulcus = -2.4 * bell(y + 114.5 - 0.004 * x ** 2, 4.2) * (1 - ramp(x, 10, 24))
        return corner + philtrum + fold + sulcus
    field.push(folds, (0, -128, 60), (44, -70, 110))
    # chin
    field.ellipsoid('add', (0, -128, 76.5), (20, 13.5, 18.0), 15)


# the ear -----------------------------------------------------------------------
EAR_MM = np.array([68.2, -55.0, -3.0])
_tilt, _flare = math.radians(11), math.radians(22)
EAR_V = np.array([0.10, math.cos(_tilt), -math.sin(_tilt)])
EAR_V = EAR_V / np.linalg.norm(EAR_V)
_back = np.array([0, -math.sin(_tilt), -math.cos(_tilt)])
EAR_U = math.cos(_flare) * _back + math.sin(_flare) * np.array([1.0, 0, 0])
EAR_U = EAR_U - (EAR_U @ EAR_V) * EAR_V
EAR_U = EAR_U / np.linalg.norm(EAR_U)
EAR_N = np.cross(EAR_U, EAR_V)
if EAR_N[0] < 0:
    EAR_N = -EAR_N


def ear(field):
    """Built in its own frame: u backwards, v up, n out of the ear's plane."""
    at = lambda u, v, n: EAR_MM + u * EAR_U + v * EAR_V + n * EAR_N
    rot = [EAR_U, EAR_V, EAR_N]
    sub = Field((50, -100, -52), (103, -12, 24), field.step)
    E = lambda how, c, r, k: sub.ellipsoid(how, at(*c), r, k, rot)
    T = lambda how, pts, r, k: sub.tube(how, [at(*p) for p in pts], r, k, 6)
    # sheet of cartilage and its root on the skull
    E('add', (14, 6, 0.6), (17.0, 27, 3.6), 0)
    E('add', (8, -1, -7), (11.5, 17, 9.5), 6)
    E('add', (9.5, -21, 1.8), (9.5, 11.5, 3.6), 5)          # lobe
    # bowl
    E('cut', (10.5, -2.5, 6.5), (9.2, 11.5, 10.5), 2.6)
    # rim
    T('add', [(9.5, 2.5, -0.5), (4.5, 5.5, 2.0), (0.5, 11, 4.0), (-0.5, 19, 5.6), (3, 27, 6.6), (10, 32, 7.0),
              (18.5, 32, 7.0), (26, 26.5, 6.6), (30, 16.5, 6.2), (30, 5, 5.2), (27, -6, 4.0), (21.5, -16, 3.0),
              (16, -23, 2.2)],
      [1.6, 2.0, 2.4, 2.8, 3.0, 3.0, 3.0, 3.0, 2.8, 2.5, 2.3, 2.4, 2.6], 2.4)
    # the sheet turns up into the rim: no gap between the two
    T('add', [(-0.5, 19, 2.6), (3, 27, 3.4), (10, 31, 3.8), (18.5, 31, 3.8), (25.5, 25.5, 3.4), (29, 16.5, 3.0),
              (29, 5, 2.2), (26.5, -6, 1.4), (21, -16, 0.8)], 2.7, 3.0)
    # inner ridge, two legs above
    T('add', [(9.5, -13.5, 4.0), (15, -11.5, 5.0), (19.2, -4, 6.2), (20.3, 5, 6.4), (18.5, 12, 5.8), (15, 19, 4.6),
              (12, 25, 3.4)], [2.6, 2.6, 2.8, 2.8, 2.7, 2.6, 2.2], 4.0)
    T('add', [(18.5, 11, 5.2), (13, 13.5, 4.2), (6, 14.0, 2.8)], [2.5, 2.2, 1.8], 3.5)
    # groove under the rim
    T('cut', [(14, 28, 6.2), (22, 24.5, 6.0), (25.3, 15, 5.4), (25, 5, 4.8), (22.5, -5, 4.6)],
      [1.6, 2.0, 2.1, 2.0, 1.2], 2.4)
    E('cut', (9.5, 19.5, 5.2), (3.2, 4.2, 3.0), 3)
    # tragus, antitragus and the notch between
    E('add', (-0.8, -1.2, 2.6), (3.6, 6.4, 4.0), 4.0)
    E('add', (9.2, -13.6, 4.0), (3.8, 3.0, 3.2), 3.0)
    E('cut', (4.2, -11.0, 5.0), (2.4, 3.4, 4.0), 2.4)
    # canal
    E('cut', (4.0, -2.0, -2.0), (3.2, 4.0, 6.0), 2.0)
    sl, *_ = field.block((50, -100, -52), (103, -12, 24))
    want = tuple(s.stop - s.start for s in sl)
    # resample to the head's grid (same step; offset below one step)
    from scipy.ndimage import map_coordinates
    off = [(field.axes[a][sl[a]][0] - sub.lo[a]) / field.step for a in range(3)]
    idx = np.meshgrid(*[off[a] + np.arange(want[a]) for a in range(3)], indexing='ij')
    e = map_coordinates(sub.d, idx, order=1, mode='nearest')
    # first hollow the skull under the bowl so that the bowl stays open
    for c, r in (((9.5, -2.5, 7.5), (7.2, 9.5, 10.0)), ((4.0, -2.0, -2.0), (2.6, 3.4, 6.0))):
        field.ellipsoid('cut', at(*c), r, 3.0, rot)
    field.d[sl] = smooth_min(field.d[sl], e, 3.2)


def head_field(step_mm):
    from scipy.ndimage import gaussian_filter
    f = Field((0, -250, -118), (104, 86, 122), step_mm)
    skull_and_jaw(f)
    neck(f)
    brow_and_orbits(f)
    # fat and skin over bone: nothing so far has an edge sharper than this
    f.d = gaussian_filter(f.d, 2.4 / step_mm, mode='mirror')
    mouth(f)
    nose(f)
    eyelids(f)
    ear(f)
    wrinkles(f)
    f.d = gaussian_filter(f.d, 0.42 / step_mm, mode='mirror')
    open_eyes(f)
    return f


def cape_rim_y(z):
    """The collar's upper edge: high at the nape, low at the throat."""
    return -195.0 - 0.22 * (z + 40)


def cape_field(step_mm, head):
    """A dark salon cape, closed around the neck.

    It hangs far enough to leave the picture even in the view from above.
    """
    from scipy.ndimage import map_coordinates, gaussian_filter
    f = Field((0, -640, -215), (290, -160, 215), step_mm)
    f.tube('add', [(0, -240, -46), (60, -242, -48), (120, -254, -50), (160, -276, -50), (184, -330, -42), (194, -400, -30), (208, -520, -10), (226, -660, 14)],
           [50, 50, 45, 43, 44, 46, 54, 60], 0)
    f.ellipsoid('add', (0, -345, -30), (160, 110, 92), 45)
    f.tube('add', [(0, -350, -26), (60, -470, 0), (70, -660, 20)], [88, 120, 150], 60)

    # the skin below, so that the cloth lies on it and never lets it through
    sl, x, y, z = f.block()
    idx = np.meshgrid(*[(f.axes[a] - head.lo[a]) / head.step for a in range(3)], indexing='ij')
    skin = map_coordinates(head.d, idx, order=1, mode='nearest')
    skin = skin + np.maximum(x - 90, 0) * 1.2   # only around the neck
    f.d = smooth_min(f.d, gaussian_filter(skin, 5 / step_mm, mode='nearest') - 4.0, 26)
    f.d = np.minimum(f.d, skin - 3.0)
    f.d = gaussian_filter(f.d, 5.0 / step_mm, mode='mirror')
    rim_y = cape_rim_y(z)

    f.d = np.minimum(f.d, skin - 2.2)
    # cut at the rim; a turned hem as thick as two layers
    f.d = -smooth_min(-f.d, -(y - rim_y) * 0.97, 2.5)
    hem = np.maximum(np.abs(skin - 3.2) - 1.7, np.abs(y - rim_y + 7) * 0.97 - 7.5)
    f.d = smooth_min(f.d, hem, 3.0)
    return f


def drape(p):
    """Long soft folds that fall from the collar, different on both sides."""
    x, y, z = p[:, 0], p[:, 1], p[:, 2] + 40
    r = np.sqrt(x ** 2 + z ** 2)
    ang = np.arctan2(z, x)
    size = 3.0 * ramp(cape_rim_y(p[:, 2]) - y, 18, 90) * ramp(r, 50, 110)
    fold = (np.sin(7 * ang + 0.020 * y + 0.6) * 0.8 + 0.5 * np.sin(13 * ang - 0.03 * y + 1.9)
            + 0.45 * np.sin(0.045 * r + 3 * ang + 0.02 * y) + 0.25 * np.sin(23 * ang + 0.05 * y))
    out = np.stack([0.7 * x / np.maximum(r, 1), np.full_like(x, 0.7), 0.7 * z / np.maximum(r, 1)], 1)
    return p + (size * (fold + 0.9))[:, None] * out


def polygonise(field, bumps_mm=0.0, seed=0):
    """Mirror, roughen by a slow undulation, marching cubes. -> verts, faces."""
    from scipy.ndimage import zoom
    from skimage.measure import marching_cubes
    d = np.concatenate([field.d[:0:-1], field.d], axis=0)
    lo = field.lo.copy()
    lo[0] = -field.axes[0][-1]
    if bumps_mm > 0:
        rng = np.random.default_rng(seed)
        for cell_mm, amp in ((34.0, 1.0), (15.0, 0.35)):
            n = [max(4, int(round(m * field.step / cell_mm))) for m in d.shape]
            c = rng.standard_normal(n).astype(np.float32)
            d += (bumps_mm * amp) * zoom(c, [m / k for m, k in zip(d.shape, n)], order=3, grid_mode=True, mode='nearest')
    v, f, n, _ = marching_cubes(d, 0.0, spacing=(field.step,) * 3, gradient_direction='ascent', allow_degenerate=False)
    v = v + lo
    a, b, c = v[f[:, 0]], v[f[:, 1]], v[f[:, 2]]
    outwards = (np.cross(b - a, c - a) * (a - v.mean(0))).sum() > 0
    return v, (f if outwards else f[:, ::-1])


def forehead_lines(x, y):
    """How far the forehead's creases move the skin (mm); never the same on both sides."""
    rng = np.random.default_rng(40 + who.seed)
    out = np.zeros_like(x)
    for y0, depth, bow in ((-1.0, 0.38, 1.2), (7.5, 0.50, 1.6), (16.0, 0.46, 2.2), (25.5, 0.26, 3.0)):
        a, b, c, d = rng.uniform(0, 6.3, 4)
        v = y - (y0 + bow * np.sin(np.clip(np.abs(x) / 46.0, 0, 1) * math.pi) ** 2 + 0.9 * np.sin(x / 13.0 + a) + 0.5 * np.sin(x / 5.6 + b))
        keep = (1 - ramp(np.abs(x + 4 * np.sin(d)), 28, 48)) * (0.62 + 0.38 * np.sin(x / 8.0 + c))
        out += keep * depth * (-bell(v, 0.85) + 0.50 * bell(v - 3.2, 2.6))
    return out


def face_part(z):
    return ramp(z, 55, 95)


def asymmetry(p):
    """Small, smooth departures from symmetry (millimetres)."""
    x, y, z = p[:, 0], p[:, 1], p[:, 2]
    o = p.copy()
    o[:, 2] += ramp(z, 62, 84) * forehead_lines(x, y)
    # the mouth at rest: its corners hang a little
    t = np.clip(np.abs(x) / MOUTH_HALF_MM, 0, 1.15)
    o[:, 1] -= face_part(z) * (2.1 + 0.3 * np.sign(x)) * t ** 2.2 * bell(y + 101, 14) * (1 - ramp(np.abs(x), 27, 42))
    # one ear stands off a little more, and sits further back
    o[:, 0] += 1.6 * ramp(x, 70, 86)
    o[:, 2] -= 1.2 * ramp(x, 68, 80) * bell(y + 50, 40)
    face = face_part(z)
    o[:, 0] += face * (0.75 * bell(y + 74, 22) - 0.5 * bell(y + 103, 14) + 0.5 * ramp(-y, 110, 150))
    o[:, 1] += face * np.tanh(x / 25) * (0.55 * bell(y + 102, 12) - 0.5 * bell(y + 24, 16))
    o[:, 1] += ramp(np.abs(x), 62, 78) * np.sign(x) * 0.9 * bell(y + 55, 45)
    o[:, 0] += ramp(x, 40, 70) * 0.7 * bell(y - 25, 50) * ramp(-z, -20, 40)
    return o


# ----------------------------------------------------------------------------
# SKIN: what is painted on the vertices, and the shader that uses it
# ----------------------------------------------------------------------------

def value_noise(p, cell_mm, seed):
    """Smooth noise at points, about -1..1 (cubic lattice)."""
    from scipy.ndimage import map_coordinates
    rng = np.random.default_rng(seed)
    lo = p.min(0) - 2 * cell_mm
    n = np.ceil((p.max(0) + 2 * cell_mm - lo) / cell_mm).astype(int) + 1
    grid = rng.standard_normal(n).astype(np.float32)
    return map_coordinates(grid, ((p - lo) / cell_mm).T, order=3, mode='nearest').astype(np.float32) * 1.1


def paint(p):
    """Per vertex: skin colour (linear), and (lips, oil, pores) masks.

    p: points before `asymmetry`, so that the paint sits on the features.
    """
    x, y, z = np.abs(p[:, 0]), p[:, 1], p[:, 2]
    blob = lambda c, r: np.exp(-((x - c[0]) / r[0]) ** 2 - ((y - c[1]) / r[1]) ** 2 - ((z - c[2]) / r[2]) ** 2)

    front = ramp(z, 74, 84)
    lip_top, lip_bottom = lip_top_y(x), lip_bottom_y(x)
    lips = front * ramp(y, lip_bottom - 0.5, lip_bottom + 1.0) * (1 - ramp(y, lip_top - 0.7, lip_top + 0.5)) \
        * (1 - ramp(x, 22.0, 26.5))
    e = p - EAR_MM
    e[:, 0] = x - EAR_MM[0]
    ear_out = ramp(x, 72, 78) * ramp(z, -48, -40) * (1 - ramp(z, 8, 16)) * ramp(y, -98, -90) * (1 - ramp(y, -20, -12))
    scalp = ramp(y - scalp_edge_y(z), -8, 30)

    red = 0.62 * blob((0, -73, 112), (12, 12, 18)) + 0.60 * blob((12, -77, 100), (9, 9, 13)) \
        + 0.55 * blob((40, -70, 70), (20, 17, 26)) + 0.75 * ear_out + 0.25 * blob((0, -128, 92), (18, 11, 14)) \
        + 0.30 * blob((0, 5, 96), (40, 26, 20)) + 0.45 * blob((31, -47, 84), (17, 5.5, 12)) \
        + 0.30 * blob((30, -33, 84), (18, 6, 14)) + 0.25 * blob((28, -100, 86), (6, 8, 12)) \
        + 0.40 * ramp(-y, 150, 185) * ramp(z, -20, 20)
    red += 0.07 * value_noise(p, 21, 11 + who.seed) + 0.07 * value_noise(p, 9, 12 + who.seed) + 0.08 * value_noise(p, 3.6, 13 + who.seed)
    red += 0.12 * scalp * ramp(y, 30, 75)                               # the sun's share
    shade = 1 + who.mottle * (0.026 * value_noise(p, 30, 14 + who.seed) + 0.022 * value_noise(p, 7, 15 + who.seed)
                              + 0.018 * value_noise(p, 2.4, 16 + who.seed))
    # skin is a little darker round the eyes and in the beard's area, thinner there
    beard = blob((0, -125, 84), (46, 30, 60)) * ramp(z, 10, 45) * (1 - lips)
    shade *= 1 - 0.15 * blob((29, -46, 82), (20, 10, 14)) - 0.035 * beard - 0.10 * blob((20, -42, 82), (6, 8, 12))
    base, flush = np.array(who.skin), np.array(who.flush)
    c = base + np.clip(red, -0.35, 1.3)[:, None] * (flush - base)
    c[:, 2] *= 1 - 0.03 * np.clip(value_noise(p, 26, 17 + who.seed), -1, 1)        # sallow patches
    c *= shade[:, None]
    nostril = blob((7.2, -82.3, 99.5), (4.2, 3.4, 6.0))
    canal = np.exp(-((e @ EAR_U - 4) / 3.4) ** 2 - ((e @ EAR_V + 2) / 4) ** 2 - ((e @ EAR_N + 4) / 5) ** 2)
    c *= 1 - (0.62 * np.clip(1.3 * nostril, 0, 1) + 0.5 * canal)[:, None]
    # a few faint sun spots and freckles keep a scalp from looking like plastic
    rng = np.random.default_rng(18 + who.seed)
    n = 150
    d = rng.standard_normal((n, 3))
    d /= np.linalg.norm(d, axis=1, keepdims=True)
    d[:, 1] = np.abs(d[:, 1])
    size, deep = 0.35 + 1.5 * rng.random(n) ** 2.2, rng.uniform(0.06, 0.24, n)
    size[:14], deep[:14] = rng.uniform(0.8, 1.9, 14), rng.uniform(0.28, 0.50, 14)       # moles, age spots
    for q, r, a in zip(d * np.array([76, 80, 97]) + (0, -8, -6), size, deep):
        near = np.abs(p - q).max(1) < 12
        k = p[near] - q
        k -= (k @ (q / np.linalg.norm(q)))[:, None] * (q / np.linalg.norm(q))
        c[near] *= 1 - (a * np.exp(-(k ** 2).sum(1) / r ** 2))[:, None] * np.array(who.spots)
    lip_colour = np.array(who.lips) * (1 + 0.05 * value_noise(p, 2.0, 19))[:, None]
    c += lips[:, None] * 0.85 * (lip_colour - c)
    # lids' edges and the corner of the eye: wet and pink
    inside = (lid_y(x, True) - y > -0.2) & (y - lid_y(x, False) > -0.4) & (x > 16.8) & (x < 45.2) & (z > 66) & (z < 86)
    wet = inside * 0.75
    c += wet[:, None] * (np.array(who.lid_margin) - c)

    oil = 0.85 * blob((0, 28, 92), (42, 34, 30)) + 0.9 * blob((0, -62, 108), (9, 26, 18)) + 0.5 * blob((40, -58, 72), (14, 9, 20)) \
        + 0.70 * scalp + 0.55 * blob((0, -127, 93), (12, 8, 12)) + 0.35 * blob((31, -36, 84), (14, 7, 10))
    oil = np.clip(oil + 0.12 * value_noise(p, 14, 20 + who.seed) + 1.5 * wet, 0, 1.6)
    pores = 0.55 + 0.45 * np.clip(blob((0, -70, 105), (24, 24, 40)) + blob((36, -75, 72), (26, 26, 40)) + 0.6 * blob((0, 10, 95), (50, 30, 30)), 0, 1)
    pores *= (1 - lips) * (1 - 0.7 * blob((31, -40, 84), (17, 10, 12))) * (1 - 0.4 * ear_out)
    return np.clip(c, 0.008, 0.9).astype(np.float32), np.stack([lips, oil, pores], 1).astype(np.float32)


def scalp_edge_y(z):
    """Height below which skin no longer counts as bare scalp, by depth."""
    return np.interp(z, [-95, -60, -35, 0, 60, 90], [-58, -48, -14, -12, 2, 8])


def new_mesh(name, v, f, material, smooth=True):
    import bpy
    me = bpy.data.meshes.new(name)
    k = f.shape[1]
    me.vertices.add(len(v))
    me.vertices.foreach_set('co', np.ascontiguousarray(v, np.float32).ravel())
    me.loops.add(len(f) * k)
    me.loops.foreach_set('vertex_index', np.ascontiguousarray(f, np.int32).ravel())
    me.polygons.add(len(f))
    me.polygons.foreach_set('loop_start', np.arange(0, len(f) * k, k, dtype=np.int32))
    me.polygons.foreach_set('loop_total', np.full(len(f), k, np.int32))
    me.polygons.foreach_set('use_smooth', np.full(len(f), smooth))
    me.update(calc_edges=True)
    me.materials.append(material)
    ob = bpy.data.objects.new(name, me)
    bpy.context.collection.objects.link(ob)
    return ob


def set_colours(ob, name, rgb):
    a = ob.data.attributes.new(name, 'FLOAT_COLOR', 'POINT')
    a.data.foreach_set('color', np.concatenate([rgb, np.ones((len(rgb), 1), np.float32)], 1).astype(np.float32).ravel())


class Nodes:
    """Short forms for building a shader."""

    def __init__(self, name):
        import bpy
        self.material = bpy.data.materials.new(name)
        self.material.use_nodes = True
        self.tree = self.material.node_tree
        self.bsdf = self.tree.nodes['Principled BSDF']

    def put(self, kind, settings=None, **inputs):
        n = self.tree.nodes.new(kind)
        for k, v in (settings or {}).items():
            setattr(n, k, v)
        for k, v in inputs.items():
            self.feed(n.inputs[int(k[1:]) if k[0] == '_' else k], v)
        return n

    def feed(self, socket, v):
        if hasattr(v, 'is_output'):
            self.tree.links.new(v, socket)
        else:
            socket.default_value = v

    def also_write(self, **passes):
        """Extra render passes of this material."""
        for name, v in passes.items():
            self.put('ShaderNodeOutputAOV', {'name': name}, Color=v)

    def math(self, op, a, b=0.0, c=0.0):
        return self.put('ShaderNodeMath', {'operation': op}, _0=a, _1=b, _2=c).outputs[0]

    def noise(self, at, per_mm, detail=2.0, rough=0.5):
        n = self.put('ShaderNodeTexNoise', None, Vector=at, Scale=per_mm, Detail=detail, Roughness=rough)
        return self.math('SUBTRACT', n.outputs['Fac'], 0.5)


def skin_material():
    m = Nodes('skin')
    at = m.put('ShaderNodeTexCoord').outputs['Object']
    tint = m.put('ShaderNodeAttribute', {'attribute_name': 'tint'}).outputs['Color']
    masks = m.put('ShaderNodeSeparateColor', None,
                  Color=m.put('ShaderNodeAttribute', {'attribute_name': 'masks'}).outputs['Color']).outputs
    lips, oil, pores = masks[0], masks[1], masks[2]

    # fine mottling: below the spacing of the vertices
    mottle = m.math('MULTIPLY_ADD', m.noise(at, 0.9, 4.0, 0.72), 0.40, 1.0)
    blotch = m.math('MULTIPLY_ADD', m.noise(at, 0.30, 2.0), 0.22, 1.0)
    scale = m.put('ShaderNodeCombineColor', None, Red=m.math('POWER', mottle, 0.45),
                  Green=m.math('MULTIPLY', mottle, blotch), Blue=m.math('MULTIPLY', mottle, blotch)).outputs[0]
    colour = m.put('ShaderNodeMixRGB', {'blend_type': 'MULTIPLY'}, Fac=1.0, Color1=tint, Color2=scale).outputs[0]

    # relief, in millimetres
    warp = m.put('ShaderNodeTexNoise', None, Vector=at, Scale=0.5, Detail=1.0).outputs['Color']
    bent = m.put('ShaderNodeVectorMath', {'operation': 'ADD'}, _0=at, _1=warp).outputs[0]
    cell = m.put('ShaderNodeTexVoronoi', {'feature': 'F1'}, Vector=bent, Scale=0.95).outputs['Distance']
    pit = m.put('ShaderNodeMapRange', {'interpolation_type': 'SMOOTHSTEP'}, Value=cell,
                _1=0.05, _2=0.42, _3=-1.0, _4=0.0).outputs[0]
    net = m.put('ShaderNodeTexVoronoi', {'feature': 'DISTANCE_TO_EDGE'}, Vector=bent, Scale=1.25).outputs['Distance']
    lines = m.put('ShaderNodeMapRange', {'interpolation_type': 'SMOOTHSTEP'}, Value=net,
                  _1=0.0, _2=0.22, _3=-1.0, _4=0.0).outputs[0]
    # pores are darker, too, not only deeper
    speck = m.math('MULTIPLY_ADD', m.math('MULTIPLY', pit, pores), 0.16, 1.05)
    colour = m.put('ShaderNodeVectorMath', {'operation': 'SCALE'}, _0=colour, Scale=speck).outputs[0]
    height = m.math('MULTIPLY', m.math('MULTIPLY', pit, 0.075), pores)
    height = m.math('ADD', height, m.math('MULTIPLY', m.math('MULTIPLY', lines, 0.042), pores))
    height = m.math('MULTIPLY_ADD', m.noise(at, 1.6, 2.0), 0.070, height)
    height = m.math('MULTIPLY_ADD', m.noise(at, 0.28, 2.0), 0.20, height)
    # the lips' furrows run from top to bottom
    squeezed = m.put('ShaderNodeMapping', None, Vector=at, Scale=(0.85, 0.16, 0.25)).outputs[0]
    height = m.math('ADD', height, m.math('MULTIPLY', m.math('MULTIPLY', m.noise(squeezed, 1.0, 2.0), 0.36), lips))
    bump = m.put('ShaderNodeBump', None, Strength=1.0, Distance=1.0, Height=height).outputs[0]

    rough = m.math('MULTIPLY_ADD', oil, -0.17, 0.465 + who.rough)
    rough = m.math('MULTIPLY_ADD', m.noise(at, 0.6, 3.0), 0.10, rough)
    rough = m.math('MULTIPLY_ADD', lips, -0.06, rough)
    gloss_only(m, colour, bump, rough, 0.48)
    return m.material


def gloss_only(m, colour, bump, rough, specular):
    """For the sharp pass: only the reflection is lit, the rest is written out."""
    m.feed(m.bsdf.inputs['Base Color'], (0, 0, 0, 1))
    m.feed(m.bsdf.inputs['Specular'], specular)
    m.feed(m.bsdf.inputs['Roughness'], rough)
    geometry = m.put('ShaderNodeNewGeometry').outputs
    if bump is not None:
        m.feed(m.bsdf.inputs['Normal'], bump)
    m.also_write(albedo=colour, relief=geometry['Normal'] if bump is None else bump,
                 normal=geometry['Normal'], place=geometry['Position'])


def soft_material(name, albedo, scatter_mm=None):
    """For the soft pass: light that entered the skin (or cloth), no detail."""
    m = Nodes(name)
    b = m.bsdf
    m.feed(b.inputs['Base Color'], (*albedo, 1))
    m.feed(b.inputs['Specular'], 0.0)
    if scatter_mm:
        m.feed(b.inputs['Subsurface Color'], (*albedo, 1))
        m.feed(b.inputs['Subsurface'], 1.0)
        m.feed(b.inputs['Subsurface Radius'], scatter_mm)
        b.subsurface_method = 'RANDOM_WALK'
    geometry = m.put('ShaderNodeNewGeometry').outputs
    m.also_write(albedo=(*albedo, 1), normal=geometry['Normal'], place=geometry['Position'])
    return m.material


def cloth_material():
    m = Nodes('cloth')
    at = m.put('ShaderNodeTexCoord').outputs['Object']
    weave = m.put('ShaderNodeMapping', None, Vector=at, Scale=(1.6, 0.5, 1.6)).outputs[0]
    height = m.math('MULTIPLY', m.noise(weave, 1.0, 2.0), 0.16)
    height = m.math('MULTIPLY_ADD', m.noise(at, 0.045, 3.0), 2.6, height)
    # the collar is ribbed
    p = m.put('ShaderNodeSeparateXYZ', None, Vector=at).outputs
    below = m.math('ADD', m.math('MULTIPLY_ADD', p[2], 0.22, 0.22 * 40 + 195.0), p[1])
    rib = m.math('SINE', m.math('MULTIPLY', m.math('ARCTAN2', p[0], m.math('ADD', p[2], 30.0)), 150.0))
    band = m.put('ShaderNodeMapRange', {'interpolation_type': 'SMOOTHSTEP'}, Value=below, _1=-15.0, _2=-13.0, _3=0.0, _4=0.30).outputs[0]
    height = m.math('MULTIPLY_ADD', rib, band, height)
    bump = m.put('ShaderNodeBump', None, Strength=1.0, Distance=1.0, Height=height).outputs[0]
    # melange yarn: threads of two shades
    yarn = m.math('MULTIPLY_ADD', m.noise(weave, 1.4, 3.0, 0.7), 1.5, 1.0)
    colour = m.put('ShaderNodeVectorMath', {'operation': 'SCALE'}, _0=who.shirt, Scale=yarn).outputs[0]
    gloss_only(m, colour, bump, 0.75, 0.15)
    return m.material


def hair_material():
    """Hair: its own colour, but the light of the skin that it stands on."""
    m = Nodes('hair')
    tint = m.put('ShaderNodeAttribute', {'attribute_name': 'tint'}).outputs['Color']
    m.feed(m.bsdf.inputs['Base Color'], (0, 0, 0, 1))
    m.feed(m.bsdf.inputs['Specular'], 0.18)
    m.feed(m.bsdf.inputs['Roughness'], 0.42)
    on = m.put('ShaderNodeAttribute', {'attribute_name': 'skin'}).outputs['Vector']
    m.also_write(albedo=tint, relief=on, normal=on, place=m.put('ShaderNodeNewGeometry').outputs['Position'])
    return m.material


def eye_material():
    """Sclera and iris, the iris as it is seen through the cornea.

    The ray is bent at the surface and followed to the iris' plane, so that the
    iris lies behind the cornea from every side.
    """
    m = Nodes('eye')
    at = m.put('ShaderNodeTexCoord').outputs['Object']
    geometry = m.put('ShaderNodeNewGeometry').outputs
    local = lambda v, kind: m.put('ShaderNodeVectorTransform', {'vector_type': kind, 'convert_from': 'WORLD', 'convert_to': 'OBJECT'},
                                  Vector=v).outputs[0]
    vec = lambda op, a, b=(0, 0, 0), **more: m.put('ShaderNodeVectorMath', {'operation': op}, _0=a, _1=b, **more)
    seen = vec('SCALE', local(geometry['Incoming'], 'VECTOR'), Scale=-1.0).outputs[0]
    bent = vec('REFRACT', seen, local(geometry['Normal'], 'NORMAL'), Scale=1 / 1.336).outputs[0]
    p, t = (m.put('ShaderNodeSeparateXYZ', None, Vector=v).outputs for v in (at, bent))
    far = m.math('DIVIDE', m.math('SUBTRACT', 9.9, p[2]), m.math('MINIMUM', t[2], -0.05))
    hit = vec('ADD', at, vec('SCALE', bent, Scale=far).outputs[0]).outputs[0]
    h = m.put('ShaderNodeSeparateXYZ', None, Vector=hit).outputs
    length = lambda a, b: m.math('SQRT', m.math('ADD', m.math('MULTIPLY', a, a), m.math('MULTIPLY', b, b)))
    rho, rim = length(h[0], h[1]), length(p[0], p[1])
    step = lambda v, a, b: m.put('ShaderNodeMapRange', {'interpolation_type': 'SMOOTHSTEP'}, Value=v, _1=a, _2=b, _3=0.0, _4=1.0).outputs[0]
    mix = lambda f, a, b: m.put('ShaderNodeMixRGB', None, Fac=f, Color1=a, Color2=b).outputs[0]
    rgba = lambda c: (*c, 1.0)

    # fibres run outwards: noise that changes with the angle and hardly with the radius
    angle = m.put('ShaderNodeCombineXYZ', None, X=m.math('MULTIPLY', m.math('DIVIDE', h[0], rho), 5.0),
                  Y=m.math('MULTIPLY', m.math('DIVIDE', h[1], rho), 5.0), Z=m.math('MULTIPLY', rho, 0.35)).outputs[0]
    fibre = m.math('MULTIPLY_ADD', m.noise(angle, 1.6, 4.0, 0.6), 2.2, 1.0)
    iris = mix(step(rho, 2.0, 3.9), rgba(who.iris_inner), rgba(who.iris))
    iris = m.put('ShaderNodeMixRGB', {'blend_type': 'MULTIPLY'}, Fac=1.0, Color1=iris,
                 Color2=m.put('ShaderNodeCombineColor', None, Red=fibre, Green=fibre, Blue=fibre).outputs[0]).outputs[0]
    iris = mix(m.math('MULTIPLY', step(rho, 4.4, 5.7), 0.80), iris, (0.012, 0.010, 0.010, 1))
    iris = mix(step(rho, 2.2, 1.9), iris, (0.003, 0.003, 0.003, 1))

    warp = m.put('ShaderNodeTexNoise', None, Vector=at, Scale=0.35, Detail=2.0).outputs['Color']
    veins = m.math('ABSOLUTE', m.noise(vec('ADD', at, vec('SCALE', warp, Scale=3.0).outputs[0]).outputs[0], 0.33, 3.0, 0.6))
    vein = m.math('MULTIPLY', step(veins, 0.022, 0.0), m.math('MULTIPLY', step(rim, 6.0, 10.0), 0.40))
    pink = m.math('MULTIPLY', step(m.math('ABSOLUTE', p[0]), 6.0, 12.5), 0.50)
    s = np.array(who.sclera)
    white = mix(pink, rgba(s), rgba(s * (0.95, 0.66, 0.62)))
    white = mix(vein, white, rgba(s * (0.85, 0.30, 0.27)))
    colour = mix(step(rim, 6.15, 5.35), white, iris)
    # the upper lid and its lashes shade what they hang over
    shadow = m.math('MULTIPLY_ADD', step(p[1], 1.5, 5.5), -0.50, 1.0)
    colour = m.put('ShaderNodeMixRGB', {'blend_type': 'MULTIPLY'}, Fac=1.0, Color1=colour,
                   Color2=m.put('ShaderNodeCombineColor', None, Red=shadow, Green=shadow, Blue=shadow).outputs[0]).outputs[0]
    height = m.math('MULTIPLY', m.noise(at, 0.5, 2.0), m.math('MULTIPLY', step(rim, 5.6, 7.0), 0.12))
    bump = m.put('ShaderNodeBump', None, Strength=1.0, Distance=1.0, Height=height).outputs[0]
    gloss_only(m, colour, bump, m.math('MULTIPLY_ADD', step(rim, 5.4, 6.5), 0.10, 0.03), 0.70)
    return m.material


def eye_axis(side):
    """Where an eye looks: up a little, and at something a metre away."""
    up, inwards = math.radians(GAZE_UP_DEG), math.radians(1.6)
    return np.array([-side * math.sin(inwards) * math.cos(up), math.sin(up), math.cos(inwards) * math.cos(up)])


def eyeballs(material):
    """Two balls with a cornea each, turned by the gaze. -> objects, left first"""
    import bpy
    from mathutils import Matrix
    rings, spokes = 120, 144
    th = np.maximum(math.pi * (np.arange(rings) / (rings - 1)) ** 1.25, 1e-4)           # finer at the cornea
    ball, cornea = EYEBALL_R_MM, 5.1 * np.cos(th) + np.sqrt(np.maximum(7.8 ** 2 - (5.1 * np.sin(th)) ** 2, 0))
    r = -smooth_min(-np.full_like(th, ball), -cornea, 0.25)
    ph = 2 * math.pi * np.arange(spokes) / spokes
    v = np.stack([np.outer(r * np.sin(th), np.cos(ph)), np.outer(r * np.sin(th), np.sin(ph)),
                  np.outer(r * np.cos(th), np.ones(spokes))], -1).reshape(-1, 3)
    i, k = np.meshgrid(np.arange(rings - 1), np.arange(spokes), indexing='ij')
    a, b = i * spokes + k, i * spokes + (k + 1) % spokes
    f = np.stack([a, a + spokes, b + spokes, b], -1).reshape(-1, 4)
    out = []
    for side in (1, -1):
        ob = new_mesh('eye', v, f, material)
        centre = asymmetry(np.array([[side * EYE_MM[0], EYE_MM[1], EYE_MM[2] + 12]]))[0] - (0, 0, 12)
        z = eye_axis(side)
        x = np.cross([0, 1, 0], z)
        x /= np.linalg.norm(x)
        m = np.eye(4)
        m[:3, 0], m[:3, 1], m[:3, 2], m[:3, 3] = x, np.cross(z, x), z, centre
        ob.matrix_world = Matrix(m.tolist())
        out.append(ob)
    return out


def wet_lines(material):
    """The film of tears along the lower lids: a thin bright edge."""
    verts, faces = [], []
    for side in (1, -1):
        base = len(verts)
        xs = np.linspace(20.5, 43.6, 50)
        for n, x in enumerate(xs):
            y = float(lid_y(np.float64(x), False)) - 0.08
            q = EYE_MM + 0
            z = q[2] + math.sqrt(max(12.05 ** 2 - (x - q[0]) ** 2 - (y - q[1]) ** 2, 1.0))
            p = asymmetry(np.array([[side * x, y, z]]))[0]
            r = 0.34 * math.sin(math.pi * (n + 0.5) / 50) ** 0.4
            for k in range(6):
                a = math.pi * k / 3
                verts.append(p + (0, r * math.cos(a), r * math.sin(a)))
        for n in range(len(xs) - 1):
            for k in range(6):
                a, b = base + 6 * n + k, base + 6 * n + (k + 1) % 6
                faces.append((a, b, b + 6, a + 6))
    return new_mesh('wet', np.array(verts), np.array(faces), material)


def wet_material():
    m = Nodes('wet')
    gloss_only(m, (*(0.8 * np.array(who.lid_margin)), 1.0), None, 0.10, 0.8)
    return m.material


def prisms(root, tip, radius, tint, skin, material, name):
    """Straight hairs, three-sided, a little thinner at the tip: one mesh."""
    along = tip - root
    along /= np.linalg.norm(along, axis=1, keepdims=True)
    side = np.cross(along, np.where(np.abs(along[:, 2:]) < 0.9, (0.0, 0.0, 1.0), (1.0, 0.0, 0.0)))
    side /= np.linalg.norm(side, axis=1, keepdims=True)
    other = np.cross(along, side)
    ring = [math.cos(2 * math.pi * k / 3) * side + math.sin(2 * math.pi * k / 3) * other for k in range(3)]
    v = np.stack([root + radius[:, None] * c for c in ring] + [tip + 0.85 * radius[:, None] * c for c in ring], 1).reshape(-1, 3)
    base = 6 * np.arange(len(root))[:, None]
    f = np.concatenate([base + np.array([k, (k + 1) % 3, 3 + (k + 1) % 3, 3 + k]) for k in range(3)])
    ob = new_mesh(name, v, f, material, smooth=False)
    hair_attributes(ob, np.repeat(tint, 6, 0), np.repeat(skin, 6, 0))
    return ob


def hair_attributes(ob, tint, skin):
    set_colours(ob, 'tint', tint)
    a = ob.data.attributes.new('skin', 'FLOAT_VECTOR', 'POINT')
    a.data.foreach_set('vector', np.ascontiguousarray(skin, np.float32).ravel())


# ----------------------------------------------------------------------------
# STUBBLE: the horseshoe that is left to him, the beard, and what thins on top
# ----------------------------------------------------------------------------
# Shaved a day ago. A follicular unit is one to three hairs from one pore; units
# keep a distance from each other, otherwise they are scattered. Below the skin a
# shaft is still dark: `root_spots` adds that.

# upper border of the horseshoe, Norwood V to VI: height over depth (z, y)
BORDER_ZY = [(-100, 36), (-85, 39), (-70, 43), (-50, 46), (-25, 46), (0, 38), (20, 27), (36, 11), (44, -4)]
FADE_MM = 15.0              # from bare to full, along the skin
WHORL_MM = np.array([-9.0, 63.0, -66.0])


def border_y(x, z):
    """Height of the horseshoe's upper border; at the back it hangs round the bare crown."""
    from scipy.interpolate import PchipInterpolator
    side = PchipInterpolator(*np.array(BORDER_ZY, float).T)(np.clip(z, -100, 44))
    return side - 13.0 * bell(x, 34) * ramp(-z, 45, 80)


def own_hair(p):
    """How far inside the horseshoe a point lies (mm, about), and inside the beard."""
    x, y, z = np.abs(p[:, 0]), p[:, 1], p[:, 2]
    slope = (border_y(x, z + 1) - border_y(x, z - 1)) / 2
    top = (border_y(x, z) - y) / np.sqrt(1 + slope ** 2)
    temple = np.interp(y, [-62, -45, -32, -20, -4], [21, 23, 28, 36, 45]) - z
    # bare skin round the ear, and the ear
    ear = (np.sqrt(((z + 15) / 22.0) ** 2 + ((y + 52) / 33.0) ** 2) - 1) * 26
    ear = np.where(z < -38, np.maximum(ear, 0.5 * (-36 - z)), ear)
    # the nape's edge is the softest
    low = np.where(z < -36, 0.55 * (y - np.interp(x, [0, 14, 30, 46, 58], [-118, -112, -108, -98, -76])), y + 64)
    inside = np.minimum(np.minimum(top, temple + 40 * (z < -36)), np.minimum(ear, low))
    inside = np.where(x > 78, -20, inside)
    # cheeks, lip, chin, jaw, throat
    cheek = np.interp(z, [-5, 15, 30, 50, 66, 76, 90], [-58, -62, -74, -85, -92, -94, -94]) - y
    lip = np.minimum(np.minimum(-83.5 - y, 31 - x), np.minimum(z - 76, y - lip_top_y(x) - 0.8))
    lip = np.where(x < 3.5, lip - 1.5, lip)
    mouth = np.where((z > 70) & (x < 30), np.maximum(np.abs(x) - 27.5, np.maximum(lip_bottom_y(x) - 1.5 - y, y - lip_top_y(x) - 0.8)), 30)
    # bare beside the tuft under the lip
    soul = np.where((y < lip_bottom_y(x)) & (z > 70) & (x > 4) & (x < 19) & (y > -113), -3.0, 30)
    beard = np.minimum(np.minimum(cheek, mouth), np.minimum(z + 8 + 0.35 * (-100 - y), y + 158 + 0.15 * x))
    beard = np.minimum(np.minimum(beard, soul), np.where(y > -104, np.maximum(ear, z - 8), 30))
    beard = np.maximum(beard, lip)
    return inside, beard


def scatter(verts, faces, share, per_cm2, apart_mm, rng):
    """Points on the skin, never closer than `apart_mm`; share: 0..1 per vertex."""
    from scipy.spatial import cKDTree
    use = share[faces].max(1) > 0.01
    f = faces[use]
    a, b, c = (verts[f[:, k]] for k in range(3))
    area = 0.5 * np.linalg.norm(np.cross(b - a, c - a), axis=1)
    cum = np.cumsum(area)
    n = int(cum[-1] / 100 * per_cm2 * 9)
    face = np.searchsorted(cum, rng.random(n) * cum[-1])
    u, w = rng.random((2, n))
    turn = u + w > 1
    u[turn], w[turn] = 1 - u[turn], 1 - w[turn]
    k = np.stack([1 - u - w, u, w], 1)
    at = sum(k[:, i:i + 1] * verts[f[face, i]] for i in range(3))
    alive = np.ones(n, bool)
    for i, near in enumerate(cKDTree(at).query_ball_point(at, apart_mm)):
        if alive[i]:
            for j in near:
                if j > i:
                    alive[j] = False
    keep = np.flatnonzero(alive)
    full = len(keep) / (cum[-1] / 100)
    s = (k[keep] * share[f[face[keep]]]).sum(1)
    keep = keep[rng.random(len(keep)) < s * min(1.0, per_cm2 / full)]
    return at[keep], face[keep], f, k[keep]


def grow(verts, faces):
    """All stubble. -> hairs (root, tip, radius, tint, skin), units (at, skin, weight)"""
    rng = np.random.default_rng(60 + who.seed)
    a, b, c = (verts[faces[:, i]] for i in range(3))
    fn = np.cross(b - a, c - a)
    vn = np.zeros_like(verts)
    for i in range(3):
        np.add.at(vn, faces[:, i], fn)
    vn /= np.maximum(np.linalg.norm(vn, axis=1, keepdims=True), 1e-9)
    inside, beard = own_hair(verts)
    # no border is a line: it wanders, and thins over a finger's breadth
    wander = 1.8 * value_noise(verts, 13, 61 + who.seed) + 1.2 * value_noise(verts, 5, 62 + who.seed)
    dense_part = ramp(inside + wander, -FADE_MM * 0.5, FADE_MM * 0.5)
    patchy = np.clip(1 + 0.16 * value_noise(verts, 16, 63 + who.seed), 0.6, 1.3)
    on_top = ramp(verts[:, 1] - scalp_edge_y(verts[:, 2]), 4, 16) * (1 - dense_part) * (np.abs(verts[:, 0]) < 78) * ramp(-verts[:, 2], -62, -30)
    hairs, units = [], []

    def make(share, per_cm2, apart, shaft, length, many, colour, lie_deg, weight, flow):
        at, face, f, k = scatter(verts, faces, np.clip(share, 0, 1), per_cm2, apart, rng)
        n = sum(k[:, i:i + 1] * vn[f[face, i]] for i in range(3))
        n /= np.linalg.norm(n, axis=1, keepdims=True)
        d = flow(at)
        d -= (d * n).sum(1, keepdims=True) * n
        d /= np.maximum(np.linalg.norm(d, axis=1, keepdims=True), 1e-6)
        count = rng.choice(len(many), len(at), p=many) + 1
        # the finest units take less light
        strong = np.exp(rng.normal(0, 0.42, len(at))) * (0.70 + 0.20 * count)
        units.append((at, n, weight * strong))
        i = np.repeat(np.arange(len(at)), count)
        first = np.concatenate([[True], i[1:] != i[:-1]])
        away = rng.normal(0, 0.085, (len(i), 3)) * ~first[:, None]
        away -= (away * n[i]).sum(1, keepdims=True) * n[i]
        root = at[i] + away
        lie = np.radians(np.clip(rng.normal(lie_deg, 9, len(i)), 8, 80))[:, None]
        aim = d[i] + rng.normal(0, 0.22, (len(i), 3))
        aim -= (aim * n[i]).sum(1, keepdims=True) * n[i]
        aim /= np.linalg.norm(aim, axis=1, keepdims=True)
        aim = np.cos(lie) * aim + np.sin(lie) * n[i]
        long = rng.uniform(*length, len(i))[:, None]
        radius = 0.5 * shaft * np.exp(rng.normal(0, 0.14, len(i)))
        tint = np.array(colour) * np.exp(rng.normal(0, 0.22, (len(i), 1)))
        grey = rng.random(len(i)) < 0.05
        tint[grey] = np.array(who.fine) * 2.0
        hairs.append((root - 0.2 * aim, root + long * aim, radius, tint, n[i]))

    def scalp_flow(p):
        q = p - WHORL_MM
        r = np.linalg.norm(q, axis=1, keepdims=True)
        out = q / r
        swirl = np.cross(out, (p + (0, 10, 15)) / np.linalg.norm(p + (0, 10, 15), axis=1, keepdims=True))
        d = out + 0.9 * np.exp(-(r / 45) ** 2) * swirl
        low = ramp(-p[:, 1], -40, 40)[:, None]
        side = ramp(np.abs(p[:, 0]), 45, 70)[:, None] * ramp(p[:, 2], -70, -20)[:, None]
        d = d + low * np.array([0, -1.2, 0.0]) + side * np.array([0, -0.2, 0.55])
        nape = ramp(-p[:, 1], 70, 100)
        d[:, 0] -= 0.5 * nape * np.sign(p[:, 0])
        return d

    def beard_flow(p):
        d = np.zeros_like(p) + (0, -1, 0.35)
        d[:, 0] += 0.35 * np.sign(p[:, 0]) * ramp(p[:, 2], 60, 85)
        return d

    make(dense_part * patchy, who.units_cm2, 0.52, who.shaft_mm, who.length_mm, (0.22, 0.50, 0.28), who.hair, 34, 1.0, scalp_flow)
    # what is left on top: single fine hairs, more of them near the border
    near = np.exp(-np.maximum(-inside, 0) / 16.0)
    make(on_top * (0.25 + 0.75 * near), 26, 1.0, 0.6 * who.shaft_mm, (0.25, 0.55), (0.9, 0.1),
         0.5 * np.array(who.hair) + 0.5 * np.array(who.fine), 32, 0.34, scalp_flow)
    chin = ramp(verts[:, 2], 40, 72)
    make(ramp(beard + 0.7 * wander, -5.0, 6.0) * (0.55 + 0.45 * chin), 50 * who.beard, 0.75, 1.1 * who.shaft_mm, (0.25, 0.65),
         (0.8, 0.2), who.hair, 38, 0.70, beard_flow)
    join = lambda parts: [np.concatenate(k) for k in zip(*parts)]
    return join(hairs), join(units)


def density(verts, faces, hairs, units):
    """Units and hairs per cm2 as they stand in the full part of the horseshoe."""
    a, b, c = (verts[faces[:, i]] for i in range(3))
    full = lambda p: own_hair(p)[0] > 12
    cm2 = 0.5 * np.linalg.norm(np.cross(b - a, c - a), axis=1)[full((a + b + c) / 3)].sum() / 100
    return [round(float(full(at).sum() / cm2), 1) for at in (units[0], hairs[0])]


# What one unit takes from the light around it, in mm2 (1 - T integrated): the
# shaft below the skin as a dark core, and the light that no longer comes back
# from further away, most of it red, because red goes furthest.
CORE_MM, CORE_LOSS = 0.175, np.array([0.068, 0.088, 0.095])
HALO_MM, HALO_LOSS = 1.90, np.array([0.32, 0.12, 0.08])


def root_spots(camera, units, place, alpha, scale, origin):
    """The picture's factor for skin that has roots below it."""
    h, w = alpha.shape[:2]
    at, n, weight = units
    px = camera.project(at) * scale - origin
    depth = at @ camera.rotation[2] + camera.translation[2]
    m = n @ camera.rotation.T
    to_eye = -(at @ camera.rotation.T + camera.translation)
    to_eye /= np.linalg.norm(to_eye, axis=1, keepdims=True)
    facing = (m * to_eye).sum(1)
    i = np.round(px - 0.5).astype(int)
    ok = (facing > 0.06) & (i[:, 0] >= 0) & (i[:, 0] < w) & (i[:, 1] >= 0) & (i[:, 1] < h)
    ok[ok] = np.linalg.norm(place[i[ok, 1], i[ok, 0]] - at[ok], axis=1) < 2.0
    px, i, m, weight = px[ok], i[ok], m[ok], weight[ok]
    total = np.zeros((h, w, 3), np.float32)
    # the wide one is summed on a coarse picture: it has no shape that would be lost
    for sigma, loss, coarse in ((CORE_MM, CORE_LOSS, 1), (HALO_MM, HALO_LOSS, 4 if scale > 0.5 else 1)):
        hh, ww, at_px, k = -(-h // coarse), -(-w // coarse), px / coarse, FX_PX * scale / depth[ok] / coarse
        at_i = np.floor(at_px).astype(int)
        # a round spot on skin that is seen at a slant: a flat ellipse
        var = (sigma * k) ** 2
        xx, yy, xy = var * (1 - m[:, 0] ** 2) + 0.16, var * (1 - m[:, 1] ** 2) + 0.16, -var * m[:, 0] * m[:, 1]
        det = xx * yy - xy * xy
        # per mm2 of skin, not of picture: the slant does not make a spot darker at its centre
        peak = weight * k ** 2 * np.abs(m[:, 2]) / (2 * math.pi * np.sqrt(det))
        took = np.zeros(hh * ww)
        reach = int(math.ceil(2.8 * math.sqrt(var.max()) + 1))
        for dy in range(-reach, reach + 1):
            for dx in range(-reach, reach + 1):
                x, y = at_i[:, 0] + dx, at_i[:, 1] + dy
                ex, ey = x + 0.5 - at_px[:, 0], y + 0.5 - at_px[:, 1]
                q = (yy * ex * ex - 2 * xy * ex * ey + xx * ey * ey) / det
                use = (q < 9) & (x >= 0) & (x < ww) & (y >= 0) & (y < hh)
                took += np.bincount(y[use] * ww + x[use], peak[use] * np.exp(-0.5 * q[use]), hh * ww)
        took = took.reshape(hh, ww)
        if coarse > 1:
            from scipy.ndimage import zoom
            took = zoom(took, coarse, order=1, grid_mode=True, mode='nearest')[:h, :w]
        total += (took[..., None] * (loss * who.spot)).astype(np.float32)
    return np.exp(-total)


def strands(head, material):
    """Brows and lashes: thin three-sided prisms that follow the skin."""
    from mathutils import Vector
    rng = np.random.default_rng(31)

    def skin_at(x, y):
        ok, p, n, _ = head.ray_cast(Vector((x, y, 200.0)), Vector((0, 0, -1)))
        return (np.array(p), np.array(n)) if ok else (None, None)

    verts, faces = [], []

    def prism(path, root_r):
        path = np.array(path)
        tang = np.gradient(path, axis=0)
        tang /= np.linalg.norm(tang, axis=1, keepdims=True)
        side = np.cross(tang, [0.3, 0.2, 1.0])
        side /= np.linalg.norm(side, axis=1, keepdims=True)
        other = np.cross(tang, side)
        base = len(verts)
        for i in range(len(path)):
            r = root_r * (1 - 0.85 * (i / (len(path) - 1)) ** 1.6)
            for k in range(3):
                a = 2 * math.pi * k / 3
                verts.append(path[i] + r * (math.cos(a) * side[i] + math.sin(a) * other[i]))
        for i in range(len(path) - 1):
            for k in range(3):
                a, b = base + 3 * i + k, base + 3 * i + (k + 1) % 3
                faces.append((a, b, b + 3, a + 3))

    for sign in (-1, 1):
        made = 0
        while made < 950:
            t = rng.random() ** 1.05
            bx = 9.0 + 37.0 * t
            centre = -18.6 + 6.4 * math.sin(math.pi * min(t * 0.78, 1.0)) - 4.2 * t * t
            half = 5.2 * min(1, 0.62 + t / 0.2 * 0.38) * (1 - 0.66 * ramp(np.float64(t), 0.35, 1.0))
            w = np.clip(rng.normal(0, 0.50), -1.15, 1.15)
            y0 = centre + w * half
            if rng.random() > min(1.0, 0.35 + 3.6 * t) * (1 - 0.5 * ramp(np.float64(t), 0.6, 1.0)):
                continue
            # inner hairs stand up a little, the others sweep outwards and meet in the middle
            ang = math.radians(58 - 48 * min(1, t / 0.30) - 30 * max(0, (t - 0.30) / 0.70)) - w * math.radians(20)
            ang += rng.normal(0, 0.20)
            length = rng.uniform(3.8, 7.8) * (0.78 + 0.22 * min(1, t * 4)) * (1 - 0.36 * t)
            path, px, py = [], sign * bx, y0
            lift = rng.uniform(0.15, 0.75)
            for i in range(6):
                p, n = skin_at(px, py)
                if p is None:
                    break
                path.append(p + n * (lift * math.sin(math.pi * min(1, 0.08 + i / 5)) * 0.8 - (0.25 if i == 0 else -0.06)))
                px += sign * math.cos(ang) * length / 5
                py += math.sin(ang) * length / 5
                ang -= 0.085
            if len(path) == 6:
                prism(path, rng.uniform(0.030, 0.060))
            made += 1
        for upper, count, longest in ((True, 150, 9.0), (False, 55, 4.2)):
            for i in range(count):
                t = rng.random() ** (0.85 if upper else 0.7)
                ex = 20.5 + 24.0 * t
                edge = float(lid_y(np.float64(ex), upper)) + (0.5 if upper else -0.8) + rng.normal(0, 0.12)
                q = asymmetry(np.array([[sign * ex, edge, 84.0]]))[0]
                p, n = skin_at(q[0], q[1])
                if p is None or p[2] < 72:
                    continue
                down = -0.70 if upper else -0.62
                out = np.array([sign * (0.10 + 0.85 * (t - 0.38)), down, 0.80]) + rng.normal(0, 0.10, 3)
                out /= np.linalg.norm(out)
                length = rng.uniform(0.6, 1.0) * longest * (0.55 + 0.45 * math.sin(math.pi * (0.12 + 0.80 * t)))
                curl = np.array([0, 0.75 if upper else -0.12, 0.10])
                path = [p - out * 0.3 + out * length * s + curl * length * 0.55 * s * s for s in np.linspace(0, 1, 6)]
                prism(path, rng.uniform(0.032, 0.050) if upper else rng.uniform(0.022, 0.034))
    ob = new_mesh('strands', np.array(verts), np.array(faces), material)
    n = len(verts)
    tint = np.repeat(np.array(who.brow) * np.exp(rng.normal(0, 0.25, (n // 18, 1))), 18, 0)
    hair_attributes(ob, tint, np.tile([0.0, 0.0, 1.0], (n, 1)))
    return ob


# ----------------------------------------------------------------------------
# LIGHT: a fixed studio; the client turns, so the rig goes with the camera
# ----------------------------------------------------------------------------
# right, up, towards the camera (mm, from the middle of the head), size, watts, colour
SOFTBOXES = [
    ('key', (-820, 760, 1050), (760, 980), 7.6e6, (1.0, 0.965, 0.93)),
    ('fill', (1250, 120, 900), (1300, 1300), 1.05e6, (0.93, 0.965, 1.0)),
    ('rim', (980, 420, -820), (420, 1300), 1.0e6, (1.0, 0.98, 0.96)),
    ('kicker', (-1050, 250, -700), (420, 1200), 0.6e6, (1.0, 1.0, 1.0)),
]
AMBIENT = 0.068


def studio(world_from_view, centre, key_side):
    import bpy
    from mathutils import Matrix
    for old in [o for o in bpy.data.objects if o.type == 'LIGHT']:
        bpy.data.objects.remove(old, do_unlink=True)
    for name, at, size, watt, colour in SOFTBOXES:
        l = bpy.data.lights.new(name, 'AREA')
        l.shape, l.size, l.size_y, l.energy, l.color = 'RECTANGLE', size[0], size[1], watt, colour
        o = bpy.data.objects.new(name, l)
        bpy.context.collection.objects.link(o)
        p = centre + world_from_view @ (np.array(at, float) * (-key_side, 1, 1))
        o.matrix_world = Matrix(look_at(p, centre, world_from_view[:, 1]).tolist())


# ----------------------------------------------------------------------------
# CAMERAS
# ----------------------------------------------------------------------------
# azimuth (0: from the front, +90: the subject's left), elevation, distance,
# roll (degrees; nobody holds a phone quite straight), the point looked at, and
# the side of the picture the key light stands on (it always lights the face)
VIEWS = {
    'front': dict(azimuth=1.2, elevation=14.0, distance=930, roll=0.5, target=(1, -44, 6)),
    'left-oblique': dict(azimuth=40.0, elevation=7.0, distance=960, roll=-0.6, target=(2, -43, 0)),
    'right': dict(azimuth=-90.5, elevation=2.0, distance=980, roll=0.4, target=(0, -43, 2), key_side=1),
    'top': dict(azimuth=-0.8, elevation=60.0, distance=960, roll=-0.4, target=(0, -12, 10)),
    'back': dict(azimuth=181.0, elevation=3.0, distance=950, roll=0.3, target=(0, -43, -10)),
}


def look_at(eye, target, up):
    """Blender's camera matrix: looks along -z, y up."""
    back = np.array(eye, float) - np.array(target, float)
    back /= np.linalg.norm(back)
    right = np.cross(up, back)
    right /= np.linalg.norm(right)
    m = np.eye(4)
    m[:3, 0], m[:3, 1], m[:3, 2], m[:3, 3] = right, np.cross(back, right), back, eye
    return m


class Camera:
    def __init__(self, azimuth, elevation, distance, roll, target, key_side=-1):
        self.key_side = key_side
        a, e, r = (math.radians(v) for v in (azimuth, elevation, roll))
        to_eye = np.array([math.sin(a) * math.cos(e), math.sin(e), math.cos(a) * math.cos(e)])
        self.target = np.array(target, float)
        self.eye = self.target + distance * to_eye
        m = look_at(self.eye, self.target, np.array([0.0, 1.0, 0.0]))
        spin = np.eye(4)
        spin[:2, :2] = [[math.cos(r), -math.sin(r)], [math.sin(r), math.cos(r)]]
        self.matrix = m @ spin
        self.world_from_view = m[:3, :3]
        self.rotation = np.diag([1.0, -1.0, -1.0]) @ self.matrix[:3, :3].T
        self.translation = -self.rotation @ self.eye
        self.centre_px = np.array([WIDTH_PX / 2, HEIGHT_PX / 2])

    def project(self, p):
        c = np.atleast_2d(p) @ self.rotation.T + self.translation
        return c[:, :2] / c[:, 2:] * FX_PX + self.centre_px

    def ray(self, px):
        d = np.array([(px[0] - self.centre_px[0]) / FX_PX, (px[1] - self.centre_px[1]) / FX_PX, 1.0])
        d = self.rotation.T @ d
        return d / np.linalg.norm(d)

    def use(self):
        import bpy
        from mathutils import Matrix
        scene = bpy.context.scene
        if scene.camera is None:
            c = bpy.data.cameras.new('camera')
            scene.camera = bpy.data.objects.new('camera', c)
            bpy.context.collection.objects.link(scene.camera)
        c = scene.camera.data
        c.sensor_fit, c.sensor_height, c.lens = 'VERTICAL', 24.0, 24.0 * FX_PX / HEIGHT_PX
        c.clip_start, c.clip_end = 50, 20000
        scene.camera.matrix_world = Matrix(self.matrix.tolist())


# Two passes make one picture. The soft one (light scattered in the skin, no
# texture) is smooth, so it is rendered small with many samples; the sharp one
# (reflections, colour, relief) has no noise to speak of after a few samples.
# Light under the skin blurs over 1-2 mm anyway: nothing visible is lost, and the
# pictures take minutes, not hours.
SOFT_SCALE = 0.32


def prepare_render():
    import bpy
    s = bpy.context.scene
    s.render.engine = 'CYCLES'
    c = s.cycles
    c.device, c.seed = 'CPU', 7
    c.use_adaptive_sampling, c.use_denoising = False, False
    c.sample_clamp_indirect, c.sample_clamp_direct = 2.0, 8.0
    c.caustics_reflective = c.caustics_refractive = False
    c.pixel_filter_type, c.filter_width = 'BLACKMAN_HARRIS', 1.5
    s.render.film_transparent = True
    s.render.resolution_percentage = 100
    s.render.image_settings.file_format = 'OPEN_EXR'
    w = bpy.data.worlds.new('room')
    s.world = w
    w.use_nodes = True
    w.node_tree.nodes['Background'].inputs[0].default_value = (AMBIENT, AMBIENT, AMBIENT * 1.04, 1)
    for name in ('albedo', 'relief', 'normal', 'place'):
        a = s.view_layers[0].aovs.add()
        a.name, a.type = name, 'COLOR'


def render_passes(names, scale, samples, bounces, crop=None):
    """Renders with the camera and materials in use; returns linear pictures."""
    import bpy
    import tempfile
    s = bpy.context.scene
    s.cycles.samples = samples
    s.cycles.max_bounces = s.cycles.diffuse_bounces = s.cycles.glossy_bounces = bounces
    s.render.resolution_x, s.render.resolution_y = int(WIDTH_PX * scale), int(HEIGHT_PX * scale)
    s.render.use_border = s.render.use_crop_to_border = crop is not None
    if crop is not None:
        s.render.border_min_x, s.render.border_max_x = crop[0], crop[2]
        s.render.border_min_y, s.render.border_max_y = 1 - crop[3], 1 - crop[1]
    s.use_nodes = True
    s.node_tree.nodes.clear()
    layers = s.node_tree.nodes.new('CompositorNodeRLayers')
    out = s.node_tree.nodes.new('CompositorNodeOutputFile')
    with tempfile.TemporaryDirectory() as folder:
        out.base_path = folder
        out.format.file_format, out.format.color_mode, out.format.color_depth = 'OPEN_EXR', 'RGBA', '32'
        out.format.exr_codec = 'ZIP'
        out.file_slots.clear()
        for n in names:
            out.file_slots.new(n)
            s.node_tree.links.new(layers.outputs[n], out.inputs[n])
        bpy.ops.render.render()
        got = {}
        for n in names:
            im = bpy.data.images.load(os.path.join(folder, '%s%04d.exr' % (n, s.frame_current)))
            im.colorspace_settings.name = 'Non-Color'
            a = np.empty(im.size[0] * im.size[1] * 4, np.float32)
            im.pixels.foreach_get(a)
            got[n] = a.reshape(im.size[1], im.size[0], 4)[::-1].copy()
            bpy.data.images.remove(im)
    return got


def smooth_light(light, normal, place, valid, rounds=3):
    """Takes the last grain out of the soft pass, not across edges (a-trous)."""
    taps = ((0, 0.375), (1, 0.25), (2, 0.0625))
    for i in range(rounds):
        step = 2 ** i
        total, weight = np.zeros_like(light), np.zeros(light.shape[:2] + (1,), np.float32)
        for dy in range(-2, 3):
            for dx in range(-2, 3):
                k = dict(taps)[abs(dx)] * dict(taps)[abs(dy)]
                sh = lambda a: np.roll(a, (dy * step, dx * step), (0, 1))
                dn = ((sh(normal) - normal) ** 2).sum(-1, keepdims=True)
                gap = ((sh(place) - place) * normal).sum(-1, keepdims=True)
                w = k * sh(valid) * np.exp(-dn / 0.020 - (gap / 0.9) ** 2)
                total += w * sh(light)
                weight += w
        light = np.where(weight > 1e-6, total / np.maximum(weight, 1e-6), light)
    return light


def enlarge_light(light, normal, place, valid, big_normal, big_place):
    """Soft pass to full size, guided by the sharp pass's normals and places."""
    h, w = big_normal.shape[:2]
    lh, lw = light.shape[:2]
    fy = (np.arange(h, dtype=np.float32) + 0.5) * lh / h - 0.5
    fx = (np.arange(w, dtype=np.float32) + 0.5) * lw / w - 0.5
    y0, x0 = np.floor(fy).astype(int), np.floor(fx).astype(int)
    total, weight = np.zeros((h, w, 3), np.float32), np.full((h, w, 1), 1e-9, np.float32)
    for dy in (-1, 0, 1, 2):
        for dx in (-1, 0, 1, 2):
            yy, xx = np.clip(y0 + dy, 0, lh - 1), np.clip(x0 + dx, 0, lw - 1)
            at = np.ix_(yy, xx)
            ky = np.exp(-((y0 + dy - fy) / 0.85) ** 2).astype(np.float32)
            kx = np.exp(-((x0 + dx - fx) / 0.85) ** 2).astype(np.float32)
            dn = ((normal[at] - big_normal) ** 2).sum(-1, keepdims=True)
            gap = ((place[at] - big_place) ** 2).sum(-1, keepdims=True)
            k = (ky[:, None] * kx[None, :])[..., None] * valid[at]
            k = k * (np.exp(-dn / 0.06 - gap / 14.0) + 1e-5)
            total += k * light[at]
            weight += k
    return total / weight


def expose(camera, things, units, scale, samples, crop=None):
    """One picture, linear, premultiplied RGBA, and its depth (mm).

    things: (object, sharp material, soft material or None: not in the soft pass).
    """
    for ob, _, soft in things:
        ob.hide_render = soft is None
        if soft:
            ob.data.materials[0] = soft
    soft = render_passes(('Image', 'albedo', 'normal', 'place'), scale * SOFT_SCALE, samples, 2, crop)
    for ob, sharp, _ in things:
        ob.hide_render = False
        ob.data.materials[0] = sharp
    sharp = render_passes(('Image', 'albedo', 'relief', 'normal', 'place'), scale, max(6, samples * 2 // 3), 0, crop)

    alpha = np.clip(soft['Image'][..., 3:], 0, 1)
    valid = (alpha > 0.5).astype(np.float32)
    unit = lambda n: n / np.maximum(np.linalg.norm(n, axis=-1, keepdims=True), 1e-6)
    light = soft['Image'][..., :3] / np.maximum(soft['albedo'][..., :3], 1e-4)
    n, place = unit(soft['normal'][..., :3]), soft['place'][..., :3] / np.maximum(alpha, 1e-3)
    light = smooth_light(np.minimum(light, 20), n, place, valid)

    a = np.clip(sharp['Image'][..., 3:], 0, 1)
    big_n, big_place = unit(sharp['normal'][..., :3]), sharp['place'][..., :3] / np.maximum(a, 1e-3)
    light = enlarge_light(light, n, place, valid, big_n, big_place)
    # relief seen by the soft light too, weaker: scattering fills the pits
    key = camera.world_from_view @ unit(np.array(SOFTBOXES[0][1], float) * (-camera.key_side, 1, 1))
    lit = lambda m: np.maximum((m * key.astype(np.float32)).sum(-1, keepdims=True), -0.2) + 0.75
    ratio = np.clip(lit(unit(sharp['relief'][..., :3])) / lit(big_n), 0.6, 1.5) ** 0.75
    origin = np.array([crop[0] * WIDTH_PX, crop[1] * HEIGHT_PX]) * scale if crop is not None else np.zeros(2)
    roots = root_spots(camera, units, big_place, a, scale, np.round(origin)) if units is not None else 1
    rgb = sharp['Image'][..., :3] + sharp['albedo'][..., :3] * roots * light * np.where(a > 0, ratio, 1)
    depth = (big_place @ camera.rotation[2].astype(np.float32) + camera.translation[2])[..., None]
    return np.concatenate([rgb, a, np.where(a > 0.02, depth, 1e4)], -1)


# ----------------------------------------------------------------------------
# CAMERA EFFECTS: from light to a JPEG as a phone would write it
# ----------------------------------------------------------------------------
def backdrop(h, w):
    """A painted wall some way behind, lit from one side and out of focus."""
    from scipy.ndimage import gaussian_filter, zoom
    y, x = np.mgrid[0:h, 0:w].astype(np.float32)
    u, v = x / w, y / h
    g = 0.335 + 0.11 * np.exp(-((u - 0.30) ** 2 + (v - 0.30) ** 2 * 1.3) / 0.30) - 0.10 * ramp(u, 0.45, 1.1) - 0.07 * ramp(v, 0.5, 1.1)
    rng = np.random.default_rng(77)
    cloud = sum(a * gaussian_filter(rng.standard_normal((60, 45)), c) for a, c in ((0.020, 2.0), (0.035, 6.0)))
    g = g + zoom(cloud, (h / 60, w / 45), order=3, grid_mode=True, mode='nearest')[:h, :w]
    return np.stack([g * 0.985, g, g * 0.995], -1).astype(np.float32)


def defocus(lin, depth, scale):
    """A small sensor at a middling stop: sharp on the near half of the head, a little soft behind."""
    from scipy.ndimage import gaussian_filter
    focus = np.percentile(depth[depth < 5000], 12) + 45 if (depth < 5000).any() else 1000
    far = np.where(depth < 5000, np.maximum(np.abs(depth - focus) - 45, 0), 0)
    sigma = np.minimum(far / 100.0, 2.2) * 0.5 * scale
    sigma = gaussian_filter(sigma, 3 * scale)
    out, steps = lin, (0.6, 1.2, 2.4)
    last, s0 = lin, 0.0
    for s1 in (v * scale for v in steps):
        soft = np.stack([gaussian_filter(lin[..., c], s1) for c in range(lin.shape[-1])], -1)
        t = np.clip((sigma - s0) / (s1 - s0), 0, 1)[..., None]
        out = np.where(sigma[..., None] >= s0, last + t * (soft - last), out)
        last, s0 = soft, s1
    return out


def develop(rgbad, seed, scale):
    from scipy.ndimage import gaussian_filter
    h, w = rgbad.shape[:2]
    rgba = defocus(rgbad[..., :4], rgbad[..., 4], scale)
    a = np.clip(rgba[..., 3:], 0, 1)
    lin = rgba[..., :3] * who.exposure + (1 - a) * backdrop(h, w)
    y, x = np.mgrid[0:h, 0:w].astype(np.float32)
    r2 = ((x / w - 0.5) ** 2 * (w / h) ** 2 + (y / h - 0.5) ** 2)
    lin *= (1 - 0.28 * r2)[..., None]                       # vignette
    lin = np.stack([gaussian_filter(lin[..., c], 0.62 * scale) for c in range(3)], -1)
    # veiling glare: a little of the bright surroundings everywhere
    lin = 0.985 * lin + 0.015 * lin.mean((0, 1))
    # straight up to the knee, then a soft shoulder: highlights roll off, nothing clips
    knee = 0.50
    over = np.maximum(lin - knee, 0)
    lin = np.minimum(lin, knee) + (1 - knee) * (1 - np.exp(-over / (1 - knee) / 1.06))
    srgb = np.where(lin <= 0.0031308, lin * 12.92, 1.055 * np.power(np.maximum(lin, 1e-6), 1 / 2.4) - 0.055)
    # a camera's contrast curve, and its sharpening
    srgb = srgb + 0.30 * (srgb - 0.44) * (1 - np.abs(2 * srgb - 1))
    grey = (srgb @ np.array([0.2126, 0.7152, 0.0722], np.float32))[..., None]
    edge = grey[..., 0] - gaussian_filter(grey[..., 0], 1.1 * scale)
    srgb = grey + 1.04 * (srgb - grey) + np.clip(0.70 * edge, -0.07, 0.07)[..., None]
    rng = np.random.default_rng(seed)
    size = 0.0064 * np.sqrt(0.35 + np.clip(1 - srgb.mean(-1, keepdims=True), 0, 1))
    luma = gaussian_filter(rng.standard_normal((h, w)).astype(np.float32), 0.55)[..., None] * 2.0
    chroma = np.stack([gaussian_filter(rng.standard_normal((h, w)).astype(np.float32), 0.9) for _ in range(3)], -1) * 1.4
    srgb = srgb + size * (0.85 * luma + 0.35 * chroma) * scale ** 0.5
    srgb += (rng.random((h, w, 1)).astype(np.float32) - 0.5) / 255
    return (np.clip(srgb, 0, 1) * 255 + 0.5).astype(np.uint8)


def exif():
    import piexif
    when = b'2026:11:02 10:00:00'
    focal = FOCAL_35_MM * SENSOR_DIAGONAL_MM / 43.2666
    return piexif.dump({
        '0th': {piexif.ImageIFD.Make: b'Scalp Studio', piexif.ImageIFD.Model: b'Sample client',
                piexif.ImageIFD.Orientation: 1, piexif.ImageIFD.DateTime: when,
                piexif.ImageIFD.XResolution: (72, 1), piexif.ImageIFD.YResolution: (72, 1),
                piexif.ImageIFD.ResolutionUnit: 2},
        'Exif': {piexif.ExifIFD.DateTimeOriginal: when, piexif.ExifIFD.DateTimeDigitized: when,
                 piexif.ExifIFD.ExifVersion: b'0232', piexif.ExifIFD.ColorSpace: 1,
                 piexif.ExifIFD.PixelXDimension: WIDTH_PX, piexif.ExifIFD.PixelYDimension: HEIGHT_PX,
                 piexif.ExifIFD.FocalLength: (int(round(focal * 100)), 100),
                 piexif.ExifIFD.FocalLengthIn35mmFilm: int(FOCAL_35_MM)}})


def write_jpeg(path, rgb, quality):
    from PIL import Image, ImageCms
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile('sRGB')).tobytes()
    Image.fromarray(rgb).save(path, 'JPEG', quality=quality, subsampling='4:2:0', optimize=True,
                              exif=exif(), icc_profile=profile)


# ----------------------------------------------------------------------------
# LANDMARKS: read off the finished mesh, then projected
# ----------------------------------------------------------------------------

def landmarks_3d(head, verts):
    from mathutils import Vector

    def cast(o, d):
        ok, p, _, _ = head.ray_cast(Vector(o), Vector(d))
        if not ok:
            raise RuntimeError('no skin at %s' % (o,))
        return np.array(p)

    def bent(x, y, z):
        return asymmetry(np.array([[x, y, z]], float))[0]

    def from_front(x, y):
        q = bent(x, y, 85.0)
        return cast((q[0], q[1], 200), (0, 0, -1))

    def midline(y):
        return from_front(0.0, y)

    out = {}
    for side, s in (('right', -1), ('left', 1)):
        eye = asymmetry(np.array([[s * EYE_MM[0], EYE_MM[1], EYE_MM[2] + 12]]))[0] - (0, 0, 12)
        out['pupil_' + side] = eye + 10.2 * eye_axis(s)             # where it appears, behind the cornea
        out['canthus_' + side] = from_front(s * 45.0, float(corner_y(np.float64(45.0))))
        t = EAR_MM + 0.2 * EAR_U + 0.5 * EAR_V
        q = bent(s * t[0], t[1], t[2])
        out['tragus_' + side] = cast((s * 200, q[1], q[2]), (-s, 0, 0))
    face = verts[(np.abs(verts[:, 0]) < 20) & (verts[:, 1] > -95) & (verts[:, 1] < -60)]
    out['nose_tip'] = face[np.argmax(face[:, 2])].astype(float)
    mid = np.array([midline(y) for y in np.arange(-44, -4, 0.25)])
    upper, lower = mid[mid[:, 1] > -22], mid[mid[:, 1] < -20]
    out['glabella'] = upper[np.argmax(upper[:, 2])]
    out['nasion'] = lower[np.argmin(lower[:, 2])]
    chin_x = bent(0, -142, 85)[0]
    chin = verts[(np.abs(verts[:, 0] - chin_x) < 0.6) & (verts[:, 2] > 62) & (verts[:, 1] < -120)]
    # lowest, but on the bone: the soft floor behind the chin hardly rises
    out['menton'] = chin[np.argmax(0.35 * chin[:, 2] - chin[:, 1])].astype(float)
    out['vertex'] = verts[np.argmax(verts[:, 1])].astype(float)

    # along the midline skin, up from the glabella
    g = out['glabella']
    arc, length, path = [g], 0.0, None
    for deg in np.arange(0, 110, 0.1):
        d = np.array([0, math.sin(math.radians(deg)), math.cos(math.radians(deg))])
        origin = np.array([g[0], g[1], 0.0])
        p = cast(origin + 300 * d, -d)
        step = np.linalg.norm(p - arc[-1])
        if length + step >= 73.0:
            path = arc[-1] + (p - arc[-1]) * (73.0 - length) / step
            break
        length += step
        arc.append(p)
    return out, path


def see(camera, px):
    """What the camera sees at a pixel: (object name, point) or (None, None)."""
    import bpy
    from mathutils import Vector
    deps = bpy.context.evaluated_depsgraph_get()
    ok, p, _, _, ob, _ = bpy.context.scene.ray_cast(deps, Vector(camera.eye), Vector(camera.ray(px)))
    return (ob.name.split('.')[0], np.array(p)) if ok else (None, None)


def visible(camera, points):
    """Those landmarks a person could point at in this view.

    Strict visibility would drop the chin's lowest point and the vertex from
    level views, where the contour passes within a fraction of a pixel of them:
    so a point also counts when skin close to it is seen within 4 px (9 mm; more
    for the vertex, where a level view grazes an almost flat skull).
    """
    out = {}
    for name, p in points.items():
        px = camera.project(p)[0]
        if not (0 <= px[0] < WIDTH_PX and 0 <= px[1] < HEIGHT_PX):
            continue
        near = 26.0 if name == 'vertex' else 9.0
        for dx, dy in ((0, 0), (4, 0), (-4, 0), (0, 4), (0, -4)):
            what, q = see(camera, px + (dx, dy))
            if what in ('head', 'strands', 'eye', 'wet') and np.linalg.norm(q - p) < near:   # lashes do not hide a lid
                out[name] = px
                break
    return out


def outline(camera, count=15):
    """Points along the contour where scalp, bare or shaved, meets the background."""
    centre = camera.project(np.array([[0.0, 12.0, 0.0]]))[0]
    found = []
    for deg in np.arange(0, 360, 1.0):
        d = np.array([math.cos(math.radians(deg)), math.sin(math.radians(deg))])
        far, r = None, 1000.0
        while r > 0:
            what, p = see(camera, centre + r * d)
            if what:
                break
            far, r = r, r - 6.0
        if not what or far is None or what != 'head':
            found.append(None)
            continue
        near = r
        for _ in range(12):
            mid = 0.5 * (near + far)
            what, q = see(camera, centre + mid * d)
            if what:
                near, p = mid, q
            else:
                far = mid
        ok = what in ('head', None) and p[1] > scalp_edge_y(p[2]) and np.abs(p[0]) < 79.0
        found.append(centre + near * d if ok else None)
    # the longest run of neighbours on the circle
    n, best = len(found), []
    for start in range(n):
        if found[start] is not None and found[start - 1] is None:
            run = []
            while found[(start + len(run)) % n] is not None and len(run) < n:
                run.append(found[(start + len(run)) % n])
            best = run if len(run) > len(best) else best
    if not best:
        best = [q for q in found if q is not None]
    run = np.array(best)
    cum = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(run, axis=0), axis=1))])
    at = np.linspace(0.02, 0.98, count) * cum[-1]
    near = [int(np.argmin(np.abs(cum - v))) for v in at]
    return run[near]


def draw_overlay(path, rgb, scale, marks, contour):
    from PIL import Image, ImageDraw
    im = Image.fromarray(rgb)
    d = ImageDraw.Draw(im)
    for name, p in marks.items():
        x, y = p * scale
        d.ellipse([x - 3, y - 3, x + 3, y + 3], outline=(0, 255, 0))
        d.text((x + 5, y - 5), name, fill=(0, 80, 0))
    for p in contour:
        x, y = p * scale
        d.ellipse([x - 3, y - 3, x + 3, y + 3], outline=(255, 0, 0))
    im.save(path)


# ----------------------------------------------------------------------------

def build(step_mm, cache):
    """All objects. -> (object, sharp material, soft material or None), head, points, units of stubble, their density"""
    import bpy
    if cache and os.path.exists(cache):
        k = np.load(cache)
        hv, hf, cv, cf = (k[n] for n in ('hv', 'hf', 'cv', 'cf'))
    else:
        field = head_field(step_mm)
        cv, cf = polygonise(cape_field(max(2.2, step_mm), field))
        hv, hf = polygonise(field, 0.25, 3 + who.seed)
        if cache:
            np.savez(cache, hv=hv.astype(np.float32), hf=hf.astype(np.int32), cv=cv.astype(np.float32), cf=cf.astype(np.int32))
    # skin that the cape hides is left out, so that it cannot show through
    deep = hv[:, 1] < cape_rim_y(hv[:, 2]) - 11
    hf = hf[~deep[hf].any(1)]
    cv = drape(cv)
    tint, masks = paint(hv.astype(np.float64))
    hv = asymmetry(hv.astype(np.float64))
    head = new_mesh('head', hv, hf, skin_material())
    set_colours(head, 'tint', tint)
    set_colours(head, 'masks', masks)
    shirt = new_mesh('shirt', cv, cf, cloth_material())
    eyes = eyeballs(eye_material())
    wet = wet_lines(wet_material())
    bpy.context.view_layer.update()
    hair = hair_material()
    lashes = strands(head, hair)
    hairs, units = grow(hv, hf)
    stubble = prisms(*hairs, hair, 'stubble')
    stubble.hide_viewport = True        # not to be met by the rays that look for landmarks
    print('stubble: %d hairs in %d units' % (len(hairs[0]), len(units[0])), flush=True)
    soft_skin = soft_material('skin, soft', who.skin, who.scatter_mm)
    soft_eye = soft_material('eye, soft', who.sclera, (0.9, 0.5, 0.35))
    things = [(head, head.data.materials[0], soft_skin),
              (shirt, shirt.data.materials[0], soft_material('cloth, soft', who.shirt)),
              (wet, wet.data.materials[0], None), (lashes, hair, None), (stubble, hair, None)]
    things += [(e, e.data.materials[0], soft_eye) for e in eyes]
    return things, head, hv[hv[:, 1] > -190], units, density(hv, hf, hairs, units)


def border_points(head):
    """The horseshoe's upper border on the skin, from the temples to the back (mm)."""
    from mathutils import Vector
    out = {}
    for side, s in (('right', -1), ('left', 1)):
        line = []
        for z in (44, 36, 28, 20, 10, 0, -12, -25, -38, -50, -60, -68):     # seen from the side
            x = 70.0
            for _ in range(4):
                y = float(border_y(np.float64(x), np.float64(z)))
                ok, p, _, _ = head.ray_cast(Vector((s * 200.0, y, z)), Vector((-s, 0, 0)))
                x = abs(p[0]) if ok else x
            if ok:
                line.append([round(float(c), 2) for c in p])
        for x in (36, 24, 12, 0):                                           # and from behind
            z = -85.0
            for _ in range(4):
                y = float(border_y(np.float64(x), np.float64(z)))
                ok, p, _, _ = head.ray_cast(Vector((s * x, y, -300.0)), Vector((0, 0, 1)))
                z = p[2] if ok else z
            if ok and abs(p[0]) < abs(line[-1][0]):
                line.append([round(float(c), 2) for c in p])
        out[side] = line
    return out


def make_client(name, args):
    import bpy
    global who
    who = CLIENTS[name]
    outdir = os.path.join(args.outdir, name)
    os.makedirs(outdir, exist_ok=True)
    bpy.ops.wm.read_factory_settings(use_empty=True)
    start = time.time()
    things, head, verts, units, per_cm2 = build(args.step, args.cache and os.path.join(args.cache, name + '.npz'))
    if args.bald:
        things, units = [t for t in things if t[0].name != 'stubble'], None
        bpy.data.objects['stubble'].hide_render = True
    bpy.context.view_layer.update()
    print('%s built: %d points, %.0f s' % (name, len(verts), time.time() - start), flush=True)
    prepare_render()
    if args.threads:
        bpy.context.scene.render.threads_mode, bpy.context.scene.render.threads = 'FIXED', args.threads
    points, hairline = landmarks_3d(head, verts)

    views, truth = {}, {}
    for i, (view, v) in enumerate(VIEWS.items()):
        camera = Camera(**v)
        truth[view] = dict(fx_px=round(FX_PX, 4), fy_px=round(FX_PX, 4), cx=WIDTH_PX / 2, cy=HEIGHT_PX / 2,
                           width=WIDTH_PX, height=HEIGHT_PX,
                           rotation=[[round(float(c), 9) for c in row] for row in camera.rotation],
                           translation_mm=[round(float(c), 5) for c in camera.translation])
        wanted = view in args.views.split(',')
        if not (wanted or args.scale == 1.0):
            continue
        camera.use()
        marks, contour = visible(camera, points), outline(camera)
        views[view] = {k: [round(float(c), 1) for c in p] for k, p in marks.items()}
        views[view]['outline'] = [[round(float(c), 1) for c in p] for p in contour]
        if not wanted:
            continue
        studio(camera.world_from_view, np.array([0.0, -30.0, 0.0]), camera.key_side)
        t = time.time()
        kept = os.path.join(args.keep, '%s-%s.npy' % (name, view)) if args.keep else None
        if kept and os.path.exists(kept):
            picture = np.load(kept).astype(np.float32)
        else:
            picture = expose(camera, things, units, args.scale, args.samples, args.crop)
            if kept:
                os.makedirs(args.keep, exist_ok=True)
                np.save(kept, np.minimum(picture, 6e4).astype(np.float16))
        rgb = develop(picture, 100 + i + who.seed, args.scale)
        write_jpeg(os.path.join(outdir, view + '.jpg'), rgb, args.quality)
        if args.overlay:
            os.makedirs(args.overlay, exist_ok=True)
            draw_overlay(os.path.join(args.overlay, '%s-%s.png' % (name, view)), rgb, args.scale, marks, contour)
        print('%s: %.0f s, %d landmarks' % (view, time.time() - t, len(marks)), flush=True)

    point = lambda p: [round(float(c), 3) for c in p]
    with open(os.path.join(outdir, 'landmarks.json'), 'w') as f:
        json.dump({'views': views}, f, indent=1)
        f.write('\n')
    with open(os.path.join(outdir, 'truth.json'), 'w') as f:
        json.dump({'about': 'p_camera = rotation * p_head + translation_mm; head space: +x subject left, +y up, '
                            '+z forward, millimetres, origin in the middle of the head at its largest breadth. '
                            'stubble: his own shaved hair, a horseshoe; border_mm: its upper border on the skin on each '
                            'side, from the temple to the back, where half of the hair is left (it wanders by some '
                            'millimetres and fades over fade_mm); above it there are only sparse fine hairs; left_of_light: red, green and blue '
                            'in the mean of a shaved area, of what the same area sends back without hair',
                   'views': truth, 'landmarks_mm': {k: point(p) for k, p in points.items()},
                   'glabella_plus_73_mm': point(hairline),
                   'stubble': {'border_mm': border_points(head), 'fade_mm': FADE_MM, 'units_per_cm2': per_cm2[0],
                               'hairs_per_cm2': per_cm2[1], 'shaft_mm': who.shaft_mm,
                               'length_mm': list(who.length_mm), 'left_of_light': list(who.left)}}, f, indent=1)
        f.write('\n')


def main():
    import argparse
    ap = argparse.ArgumentParser()
    ap.add_argument('outdir')
    ap.add_argument('--client', default=','.join(CLIENTS))
    ap.add_argument('--views', default=','.join(VIEWS))
    ap.add_argument('--scale', type=float, default=1.0)
    ap.add_argument('--step', type=float, default=0.5)
    ap.add_argument('--samples', type=int, default=12)
    ap.add_argument('--quality', type=int, default=95)
    ap.add_argument('--threads', type=int, default=0)
    ap.add_argument('--cache')
    ap.add_argument('--overlay')
    ap.add_argument('--keep', help='folder for the linear pictures; those already there are not rendered again')
    ap.add_argument('--bald', action='store_true', help='without stubble, to compare')
    ap.add_argument('--crop', type=lambda t: [float(v) for v in t.split(',')], help='left,top,right,bottom in parts of the picture')
    args = ap.parse_args(sys.argv[sys.argv.index('--') + 1:] if '--' in sys.argv else [])
    if args.cache:
        os.makedirs(args.cache, exist_ok=True)
    for name in args.client.split(','):
        make_client(name, args)


if __name__ == '__main__':
    main()
