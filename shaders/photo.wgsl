// Draws pictures of the photo in the window, with a shader that does nothing else: on a software adapter egui's own,
// which can do much more, takes most of the time of a frame.

struct Corner {
    @builtin(position) position: vec4<f32>,
    @location(0) texel: vec2<f32>,
};

@group(0) @binding(0) var picture: texture_2d<f32>;
@group(0) @binding(1) var linear_sampler: sampler;

/// A rectangle: left, top, right, bottom, in clip space and in texture coordinates.
@vertex
fn corner(
    @builtin(vertex_index) index: u32,
    @location(0) place: vec4<f32>,
    @location(1) part: vec4<f32>,
) -> Corner {
    let right = (index & 1u) == 1u;
    let bottom = index >= 2u;
    var out: Corner;
    out.position = vec4<f32>(select(place.x, place.z, right), select(place.y, place.w, bottom), 0.0, 1.0);
    out.texel = vec2<f32>(select(part.x, part.z, right), select(part.y, part.w, bottom));
    return out;
}

/// For a target that holds sRGB sample values.
@fragment
fn encoded(in: Corner) -> @location(0) vec4<f32> {
    return textureSample(picture, linear_sampler, in.texel);
}

/// For a target that encodes linear light into sample values.
@fragment
fn light(in: Corner) -> @location(0) vec4<f32> {
    let sample = textureSample(picture, linear_sampler, in.texel);
    return vec4<f32>(light_from_sample(sample.rgb), sample.a);
}
