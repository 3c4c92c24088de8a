//! Makes a picture of a screen small: the flat colours stay as they are, the shades between them, which smooth letters,
//! become few. So a palette is enough, and nobody sees a difference.

use png::{BitDepth, ColorType, Compression, Decoder, Encoder, Filter};
use std::collections::HashMap;
use std::io::Cursor;

type Colour = [u8; 3];

/// Colours that stay as they are.
const FLAT: usize = 24;
/// Between two shades of what is not flat, in each channel.
const STEP: u8 = 17;

/// The same picture in few bytes.
pub fn picture(taken: &[u8]) -> Vec<u8> {
    let mut reader = Decoder::new(Cursor::new(taken)).read_info().unwrap();
    let mut bytes = vec![0; reader.output_buffer_size().unwrap()];
    let info = reader.next_frame(&mut bytes).unwrap();
    let size = info.color_type.samples();
    let dots: Vec<Colour> = bytes.chunks_exact(size).map(|dot| [dot[0], dot[1], dot[2]]).collect();
    let flat = most_frequent(&dots);
    let (mut palette, mut places) = (Vec::new(), HashMap::new());
    let mut place = |dot: &Colour| {
        let colour = if flat.contains(dot) { *dot } else { dot.map(nearest_shade) };
        *places.entry(colour).or_insert_with(|| {
            palette.extend(colour);
            u8::try_from(palette.len() / 3 - 1).expect("a palette has 256 colours at most")
        })
    };
    let indices: Vec<u8> = dots.iter().map(&mut place).collect();
    let mut small = Vec::new();
    let mut encoder = Encoder::new(&mut small, info.width, info.height);
    encoder.set_color(ColorType::Indexed);
    encoder.set_depth(BitDepth::Eight);
    encoder.set_palette(palette);
    encoder.set_compression(Compression::High);
    encoder.set_filter(Filter::NoFilter);
    encoder.write_header().unwrap().write_image_data(&indices).unwrap();
    small
}

fn most_frequent(dots: &[Colour]) -> Vec<Colour> {
    let mut counts: HashMap<Colour, usize> = HashMap::new();
    for dot in dots {
        *counts.entry(*dot).or_default() += 1;
    }
    let mut colours: Vec<_> = counts.into_iter().collect();
    // The colour itself decides between equals, so that the same screen always makes the same picture.
    colours.sort_unstable_by_key(|(colour, count)| (std::cmp::Reverse(*count), *colour));
    colours.into_iter().take(FLAT).map(|(colour, _)| colour).collect()
}

fn nearest_shade(channel: u8) -> u8 {
    (channel.saturating_add(STEP / 2) / STEP) * STEP
}
