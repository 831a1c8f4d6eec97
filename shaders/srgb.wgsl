// Sample values of sRGB and linear light (IEC 61966-2-1), as in src/ground/colour.rs.

fn light_from_sample(sample: vec3<f32>) -> vec3<f32> {
    return select(pow((sample + 0.055) / 1.055, vec3<f32>(2.4)), sample / 12.92, sample <= vec3<f32>(0.04045));
}

fn sample_from_light(light: vec3<f32>) -> vec3<f32> {
    let bounded = clamp(light, vec3<f32>(0.0), vec3<f32>(1.0));
    return select(1.055 * pow(bounded, vec3<f32>(1.0 / 2.4)) - 0.055, bounded * 12.92, bounded <= vec3<f32>(0.0031308));
}
