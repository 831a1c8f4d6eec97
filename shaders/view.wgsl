// What both passes know of the picture that is drawn: twelve numbers, the same in src/gpu/preview.rs.
struct View {
    // The window's upper left pixel and its size, px of the level.
    origin_px: vec2<f32>,
    size_px: vec2<f32>,
    // Columns and rows of the specular map; none where all light is diffuse.
    specular_cells: vec2<f32>,
    // Side of a specular light cell, px of the level.
    specular_cell_px: f32,
    // Pixels of the level for one of the photo.
    scale: f32,
    // 1 where the photo is grey and has to stay so.
    grey: f32,
    unused_0: f32,
    unused_1: f32,
    unused_2: f32,
}

@group(0) @binding(0) var<uniform> view: View;

// Densities are stored times this: the faintest that counts stays a normal half float, and the largest sum is finite.
const STORED_PER_DENSITY: f32 = 64.0;
