// The summed optical density of the dots: the twin of src/render/coverage.rs and transmittance.rs, function by
// function, one pixel of one dot at a time.

// The constants of the same names there; src/gpu/pipelines.rs passes them in.
override FAINTEST_LOSS: f32;
override LEAST_REACH: f32;
override MOST_REACH: f32;
override LEAST_ROW_REACH: f32;
override MOST_STRIPS: f32;
override MOST_SHEAR: f32;
override MOST_STRIP_HEIGHT: f32;
override NO_SHEAR_PX: f32;
override LANES: f32;
override MOST_LOSS: f32;
override SMALLEST_SIGMA_PX: f32;
override TAU_SQUARED: f32;
// Coefficients of `half_mass`, by power.
override HALF_MASS_1: f32;
override HALF_MASS_2: f32;
override HALF_MASS_3: f32;
override HALF_MASS_4: f32;
override HALF_MASS_5: f32;
override HALF_MASS_6: f32;

const LN_2: f32 = 0.6931471805599453;

struct Dot {
    // Pixels of the photo, not of the level.
    @location(0) centre_px: vec2<f32>,
    @location(1) sigmas_px: vec2<f32>,
    @location(2) axis: vec2<f32>,
    @location(3) loss_px2: vec3<f32>,
}

// Lengths in pixels of the level.
struct Footprint {
    @builtin(position) position: vec4<f32>,
    // Centre in x and y, standard deviations of x and y.
    @location(0) @interpolate(flat) centre_and_sigmas_px: vec4<f32>,
    // Shear per standard deviation of y, standard deviation of a row, the dot's reach, one over the mass within it.
    @location(1) @interpolate(flat) rows: vec4<f32>,
    // Loss in each channel, and strips per row: 0 if all rows share one profile.
    @location(2) @interpolate(flat) loss_and_strips: vec4<f32>,
}

fn half_mass(t: f32) -> f32 {
    let a = abs(t);
    let p = 1.0
        + a * (HALF_MASS_1
            + a * (HALF_MASS_2
                + a * (HALF_MASS_3 + a * (HALF_MASS_4 + a * (HALF_MASS_5 + a * HALF_MASS_6)))));
    let p2 = p * p;
    let p4 = p2 * p2;
    let p8 = p4 * p4;
    let mass = 0.5 - 0.5 / (p8 * p8);
    return select(mass, -mass, t < 0.0);
}

fn reach(peak_squared: f32) -> f32 {
    let ratio = max(peak_squared / (FAINTEST_LOSS * FAINTEST_LOSS), 1.0);
    let log2_ratio = (f32(bitcast<u32>(ratio)) - f32(0x3f800000u)) / 8388608.0;
    return sqrt(clamp(log2_ratio * LN_2, LEAST_REACH * LEAST_REACH, MOST_REACH * MOST_REACH));
}

fn strips_per_row(sigma_y_px: f32, shear_px: f32, sigma_row_px: f32, reach: f32) -> f32 {
    let height = min(1.0 / sigma_y_px, 2.0 * reach);
    let by_height = height / MOST_STRIP_HEIGHT;
    let by_shear = abs(shear_px) * height / (MOST_SHEAR * sigma_row_px);
    let strips = max(by_height, by_shear);
    return select(ceil(min(2.0 * strips, MOST_STRIPS)), 1.0, strips <= 1.0);
}

// A quad over the whole pixels that the dot reaches.
@vertex
fn footprint(dot: Dot, @builtin(vertex_index) corner: u32) -> Footprint {
    let centre_px = dot.centre_px * view.scale;
    let sigmas_px = max(dot.sigmas_px * view.scale, vec2<f32>(SMALLEST_SIGMA_PX));
    let loss_px2 = dot.loss_px2 * view.scale * view.scale;
    let variances = sigmas_px * sigmas_px;
    let cosine = dot.axis.x;
    let sine = dot.axis.y;
    let sigma_x_px = sqrt(cosine * cosine * variances.x + sine * sine * variances.y);
    let sigma_y_px = sqrt(sine * sine * variances.x + cosine * cosine * variances.y);
    let covariance = cosine * sine * (variances.x - variances.y);
    let most_loss_px2 = max(abs(loss_px2.r), max(abs(loss_px2.g), abs(loss_px2.b)));
    let peak_squared =
        most_loss_px2 * most_loss_px2 / (TAU_SQUARED * (variances.x + 1.0 / 12.0) * (variances.y + 1.0 / 12.0));
    let shear_px = covariance / sigma_y_px;
    let sigma_row_px = sigmas_px.x * sigmas_px.y / sigma_y_px;
    let end = reach(peak_squared);
    let is_sheared = abs(shear_px) * end > NO_SHEAR_PX;
    let least = select(0.0, LEAST_ROW_REACH, is_sheared);
    let half_size_px = vec2<f32>(sigma_x_px * sqrt(end * end + least * least), end * sigma_y_px);
    let from_px = floor(centre_px - half_size_px);
    let to_px = ceil(centre_px + half_size_px);
    let is_upright = !is_sheared && to_px.x - from_px.x <= LANES;
    let strips = select(strips_per_row(sigma_y_px, shear_px, sigma_row_px, end), 0.0, is_upright);

    let right = f32(corner & 1u);
    let low = f32(corner >> 1u);
    let at = (mix(from_px, to_px, vec2<f32>(right, low)) - view.origin_px) / view.size_px;
    return Footprint(
        vec4<f32>(2.0 * at.x - 1.0, 1.0 - 2.0 * at.y, 0.0, 1.0),
        vec4<f32>(centre_px, sigma_x_px, sigma_y_px),
        vec4<f32>(shear_px, sigma_row_px, end, 0.5 / half_mass(end)),
        vec4<f32>(loss_px2, strips),
    );
}

struct Strip {
    mass: f32,
    centroid: f32,
    variance: f32,
    reach: f32,
}

// The strip between two distances from the centre, in standard deviations of y.
fn prepare(low: f32, high: f32, end: f32, inverse_mass: f32) -> Strip {
    let h_squared = (high - low) * (high - low) / 12.0;
    let nearest = max(max(low, -high), 0.0);
    let left = end * end - nearest * nearest;
    return Strip(
        (half_mass(high) - half_mass(low)) * inverse_mass,
        0.5 * (low + high) * (1.0 - h_squared),
        h_squared,
        sqrt(max(left, LEAST_ROW_REACH * LEAST_ROW_REACH)),
    );
}

// The dot's share of a pixel.
fn share(dot: Footprint, pixel: vec2<f32>) -> f32 {
    let centre_px = dot.centre_and_sigmas_px.xy;
    let sigma_x_px = dot.centre_and_sigmas_px.z;
    let shear_px = dot.rows.x;
    let sigma_row_px = dot.rows.y;
    let end = dot.rows.z;
    let inverse_mass = dot.rows.w;
    let inverse_sigma = 1.0 / dot.centre_and_sigmas_px.w;
    let bottom = clamp((pixel.y - centre_px.y) * inverse_sigma, -end, end);
    let top = clamp((pixel.y + 1.0 - centre_px.y) * inverse_sigma, -end, end);
    let count = i32(dot.loss_and_strips.w);

    if count == 0 {
        let row = prepare(bottom, top, end, inverse_mass);
        let half_px = row.reach * sigma_x_px;
        let start_px = floor(centre_px.x - half_px);
        let end_px = ceil(centre_px.x + half_px);
        if pixel.x < start_px || pixel.x >= end_px {
            return 0.0;
        }
        // The edges of the pixel and of the whole row.
        let edges = clamp(
            (vec4<f32>(pixel.x, pixel.x + 1.0, start_px, end_px) - centre_px.x) / sigma_x_px,
            vec4<f32>(-MOST_REACH - 1.0),
            vec4<f32>(MOST_REACH + 1.0),
        );
        return row.mass * (half_mass(edges.y) - half_mass(edges.x)) / (half_mass(edges.w) - half_mass(edges.z));
    }

    var sum = 0.0;
    let height = (top - bottom) / f32(count);
    for (var index = 0; index < count; index += 1) {
        let low = bottom + height * f32(index);
        // The last limit must be exactly `top`, or mass would be lost between rows.
        let high = select(bottom + height * f32(index + 1), top, index + 1 == count);
        let strip = prepare(low, high, end, inverse_mass);
        let sigma_px = sqrt(sigma_row_px * sigma_row_px + shear_px * shear_px * strip.variance);
        let x_px = pixel.x - centre_px.x - shear_px * strip.centroid;
        let left = clamp(x_px / sigma_px, -strip.reach, strip.reach);
        let right = clamp((x_px + 1.0) / sigma_px, -strip.reach, strip.reach);
        sum += strip.mass * (half_mass(right) - half_mass(left)) / (2.0 * half_mass(strip.reach));
    }
    return sum;
}

// Minus the binary logarithm of what the dot leaves, so positive where it absorbs light, to be added by blending.
@fragment
fn optical_density(dot: Footprint) -> @location(0) vec4<f32> {
    let pixel = floor(dot.position.xy) + view.origin_px;
    let loss = min(share(dot, pixel) * dot.loss_and_strips.rgb, vec3<f32>(MOST_LOSS));
    return vec4<f32>(-log2(1.0 - loss) * STORED_PER_DENSITY, 0.0);
}
