// Turns photo, optical density and specular light into the picture's sample values: the twin of
// src/render/compositor.rs and of the reading half of src/render/specular.rs.

struct Chunk {
    // Upper left pixel, px of the level.
    origin_px: vec4<f32>,
}

@group(1) @binding(0) var stored_optical_density: texture_2d<f32>;
@group(1) @binding(1) var specular_light: texture_2d<f32>;
// Raw sRGB sample values: decoded here, because the decoders of graphics cards are only approximate.
@group(2) @binding(0) var photo: texture_2d<f32>;
@group(2) @binding(1) var<uniform> chunk: Chunk;

// The constants of the same names there and in src/ground/colour.rs; src/gpu/pipelines.rs passes them in.
override LUMINANCE_RED: f32;
override LUMINANCE_GREEN: f32;
override LUMINANCE_BLUE: f32;
override CLIPPING_LIGHT: f32;
override SPECULAR_FROM: f32;
override BARE: f32;
override COVERED: f32;
// Higher densities would leave nothing, in any arithmetic.
const MOST_DENSITY: f32 = 100.0;

fn luminance_of(light: vec3<f32>) -> f32 {
    return dot(light, vec3<f32>(LUMINANCE_RED, LUMINANCE_GREEN, LUMINANCE_BLUE));
}

// An 8-bit sample value. Rounded here, because how a target rounds is up to the card.
fn rounded_sample_from_light(light: vec3<f32>) -> vec3<f32> {
    return floor(sample_from_light(light) * 255.0 + 0.5) / 255.0;
}

// The smooth map of specular light and skin brightness, interpolated bilinearly between the centres of its cells.
fn mapped_surface(pixel: vec2<f32>) -> vec2<f32> {
    let last = view.specular_cells - 1.0;
    let at = clamp((pixel + 0.5) / view.specular_cell_px - 0.5, vec2<f32>(0.0), last);
    let before = min(floor(at), max(last - 1.0, vec2<f32>(0.0)));
    let part = at - before;
    let low = vec2<i32>(before);
    let high = vec2<i32>(min(before + 1.0, last));
    let above = mix(textureLoad(specular_light, low, 0).rg, textureLoad(specular_light, vec2(high.x, low.y), 0).rg, part.x);
    let below = mix(textureLoad(specular_light, vec2(low.x, high.y), 0).rg, textureLoad(specular_light, high, 0).rg, part.x);
    return mix(above, below, part.y);
}

// Specular light, never more than the pixel has, and the share that hair leaves bare.
fn surface_of(light: vec3<f32>, mapped: vec2<f32>) -> vec2<f32> {
    let white = min(light.r, min(light.g, light.b));
    let clipped = white * (white - CLIPPING_LIGHT) / (1.0 - CLIPPING_LIGHT);
    let luminance = luminance_of(light);
    let skin = mapped.y;
    var specular = max(mapped.x, clipped);
    var bare = 1.0;
    if skin > 0.0 {
        specular = max(specular, mapped.x + luminance - SPECULAR_FROM * skin);
        bare = clamp((luminance - COVERED * skin) / ((BARE - COVERED) * skin), 0.0, 1.0);
    }
    return vec2<f32>(max(min(specular, white), 0.0), bare);
}

// One triangle that covers the whole target.
@vertex
fn everywhere(@builtin(vertex_index) corner: u32) -> @builtin(position) vec4<f32> {
    let x = f32(corner & 1u) * 4.0 - 1.0;
    let y = f32(corner >> 1u) * 4.0 - 1.0;
    return vec4<f32>(x, y, 0.0, 1.0);
}

@fragment
fn picture(@builtin(position) position: vec4<f32>) -> @location(0) vec4<f32> {
    let in_window = floor(position.xy);
    let pixel = in_window + view.origin_px;
    let sample = textureLoad(photo, vec2<i32>(pixel - chunk.origin_px.xy), 0).rgb;
    let optical_density = textureLoad(stored_optical_density, vec2<i32>(in_window), 0).rgb / STORED_PER_DENSITY;
    // Pixels that no dot reaches keep their sample values.
    if all(optical_density == vec3<f32>(0.0)) {
        return vec4<f32>(sample, 1.0);
    }
    var transmittance = exp2(-min(optical_density, vec3<f32>(MOST_DENSITY)));
    if view.grey > 0.5 {
        transmittance = vec3<f32>(luminance_of(transmittance));
    }
    let light = light_from_sample(sample);
    var surface = vec2<f32>(0.0, 1.0);
    if view.specular_cells.x > 0.0 {
        surface = surface_of(light, mapped_surface(pixel));
    }
    let lost = surface.y * (vec3<f32>(1.0) - transmittance);
    return vec4<f32>(rounded_sample_from_light(light - (light - surface.x) * lost), 1.0);
}
