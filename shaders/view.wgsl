// What both passes know about the picture being drawn: twelve numbers, in the same order as in src/gpu/preview.rs.
struct View {
    // The window's upper left pixel and its size, px of the level.
    origin_px: vec2<f32>,
    size_px: vec2<f32>,
    // Columns and rows of the specular map; zero if all light is diffuse.
    specular_cells: vec2<f32>,
    // Side of a specular light cell, px of the level.
    specular_cell_px: f32,
    // Pixels of the level per pixel of the photo.
    scale: f32,
    // 1 if the photo is grey and has to stay so.
    grey: f32,
    unused_0: f32,
    unused_1: f32,
    unused_2: f32,
}

@group(0) @binding(0) var<uniform> view: View;

// Densities are stored multiplied by this: the faintest that counts stays a normal half float, and the largest sum is
// finite.
const STORED_PER_DENSITY: f32 = 64.0;
