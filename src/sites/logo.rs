//! The logo of a brand. An uploaded picture is decoded completely and encoded again, so that only its pixels are
//! stored.

use crate::error::{Error, Result};
use crate::limits;
use image::imageops;
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageError, ImageFormat, ImageReader, Limits, RgbaImage};
use std::io::Cursor;

/// Returns an uploaded picture as a PNG within the maximum size of a logo.
///
/// # Errors
///
/// Fails with `Error::Invalid` when the file is too large, no PNG, JPEG or `WebP`, has too many pixels, or is
/// damaged.
pub fn read(file: &[u8]) -> Result<Vec<u8>> {
    if file.len() > limits::LOGO_BYTES_MAX {
        return Err(too_large());
    }
    let picture = decode(file)?;
    let (width, height) = (picture.width(), picture.height());
    let is_small = width <= limits::LOGO_WIDTH_PIXELS_MAX && height <= limits::LOGO_HEIGHT_PIXELS_MAX;
    let picture = picture.into_rgba8();
    encode(&if is_small {
        picture
    } else {
        shrunk(picture, limits::LOGO_WIDTH_PIXELS_MAX, limits::LOGO_HEIGHT_PIXELS_MAX)
    })
}

/// Returns true if a picture has the form that [`read`] produces.
pub fn is_ours(picture: &[u8]) -> bool {
    image::guess_format(picture).is_ok_and(|format| format == ImageFormat::Png)
        && decode(picture).is_ok_and(|picture| {
            picture.width() <= limits::LOGO_WIDTH_PIXELS_MAX
                && picture.height() <= limits::LOGO_HEIGHT_PIXELS_MAX
        })
}

/// Returns the error for a file that is too large.
pub fn too_large() -> Error {
    wrong(format!("The file is too large. Choose one of {} KB at most.", limits::LOGO_BYTES_MAX / 1024))
}

fn wrong(sentence: impl Into<String>) -> Error {
    Error::invalid("logo", sentence)
}

fn damaged() -> Error {
    wrong("The picture is damaged: it can't be read to its end. Save it anew and try again.")
}

fn too_many_pixels() -> Error {
    let most = limits::LOGO_SIDE_PIXELS_MAX;
    wrong(format!("The picture has too many pixels. Make it {most} × {most} or smaller."))
}

fn unreadable(error: ImageError) -> Error {
    match error {
        ImageError::Limits(_) => too_many_pixels(),
        _ => damaged(),
    }
}

fn decode(file: &[u8]) -> Result<DynamicImage> {
    let taken = [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::WebP];
    let format = image::guess_format(file).ok().filter(|format| taken.contains(format));
    let format = format
        .ok_or_else(|| wrong("That is no PNG, JPEG or WebP picture. Save the logo as one of these."))?;
    let mut reader = ImageReader::with_format(Cursor::new(file), format);
    let mut bounds = Limits::default();
    bounds.max_alloc = Some(limits::LOGO_DECODED_BYTES_MAX);
    reader.limits(bounds.clone());
    let mut decoder = reader.into_decoder().map_err(unreadable)?;
    let ((width, height), most) = (decoder.dimensions(), limits::LOGO_SIDE_PIXELS_MAX);
    if width > most || height > most {
        return Err(too_many_pixels());
    }
    if format == ImageFormat::Jpeg && !has_end(file) {
        return Err(damaged());
    }
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    bounds.reserve(decoder.total_bytes()).map_err(unreadable)?;
    decoder.set_limits(bounds).map_err(unreadable)?;
    let mut picture = DynamicImage::from_decoder(decoder).map_err(unreadable)?;
    picture.apply_orientation(orientation);
    Ok(picture)
}

/// Returns true if a JPEG is complete: its last scan (`FF DA`) is followed by the end marker (`FF D9`). Its
/// decoder would draw the rest grey.
fn has_end(file: &[u8]) -> bool {
    let last = |mark: u8| file.windows(2).rposition(|pair| pair == [0xff, mark]);
    last(0xd9) > last(0xda)
}

/// Returns a smaller picture of the same proportions.
fn shrunk(mut picture: RgbaImage, width: u32, height: u32) -> RgbaImage {
    // A transparent pixel must not colour its neighbours: each one is weighted by its alpha.
    for pixel in picture.pixels_mut() {
        let seen = u16::from(pixel[3]);
        for channel in &mut pixel.0[..3] {
            *channel = u8::try_from((u16::from(*channel) * seen + 127) / 255).unwrap_or(u8::MAX);
        }
    }
    let picture = DynamicImage::ImageRgba8(picture).thumbnail(width, height);
    let mut picture = picture.into_rgba8();
    for pixel in picture.pixels_mut() {
        let seen = u16::from(pixel[3]);
        for channel in &mut pixel.0[..3] {
            let full = (u16::from(*channel) * 255 + seen / 2).checked_div(seen).unwrap_or(0);
            *channel = u8::try_from(full).unwrap_or(u8::MAX);
        }
    }
    picture
}

fn encode(picture: &RgbaImage) -> Result<Vec<u8>> {
    let mut png = Cursor::new(Vec::new());
    picture.write_to(&mut png, ImageFormat::Png).map_err(|error| Error::Internal(error.to_string()))?;
    Ok(png.into_inner())
}

/// Returns true if a logo of this size (width, height in pixels) is recognisable in a browser's tab: neither
/// side is more than twice the other.
pub fn makes_an_icon((width, height): (u32, u32)) -> bool {
    width <= 2 * height && height <= 2 * width
}

/// Returns the icon of a stored logo: a square PNG with the logo in its middle.
///
/// # Errors
///
/// Fails when the logo cannot be decoded.
pub fn icon(logo: &[u8]) -> Result<Vec<u8>> {
    let picture = decode(logo)?.into_rgba8();
    let side = limits::ICON_PIXELS;
    let picture =
        if picture.width().max(picture.height()) > side { shrunk(picture, side, side) } else { picture };
    let side = picture.width().max(picture.height());
    let mut square = RgbaImage::new(side, side);
    let middle = |length: u32| i64::from((side - length) / 2);
    imageops::overlay(&mut square, &picture, middle(picture.width()), middle(picture.height()));
    encode(&square)
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::{Rgb, RgbImage, Rgba};

    fn low(number: u32) -> u8 {
        number.to_le_bytes()[0]
    }

    fn file(width: u32, height: u32, format: ImageFormat) -> Vec<u8> {
        let picture = RgbImage::from_fn(width, height, |x, y| Rgb([x * 7, y * 5, 90].map(low)));
        let mut file = Cursor::new(Vec::new());
        picture.write_to(&mut file, format).unwrap();
        file.into_inner()
    }

    fn size(png: &[u8]) -> (u32, u32) {
        assert_eq!(image::guess_format(png).unwrap(), ImageFormat::Png);
        let picture = image::load_from_memory(png).unwrap();
        (picture.width(), picture.height())
    }

    #[test]
    fn each_format_becomes_a_png_of_the_same_proportions_within_the_bounds() {
        for format in [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::WebP] {
            assert_eq!(size(&read(&file(120, 40, format)).unwrap()), (120, 40));
            assert_eq!(size(&read(&file(1_200, 320, format)).unwrap()), (600, 160));
            assert_eq!(size(&read(&file(1_000, 1_000, format)).unwrap()), (160, 160));
        }
        assert_eq!(size(&read(&file(3_000, 1, ImageFormat::Png)).unwrap()), (600, 1));
    }

    #[test]
    fn a_file_that_ends_early_is_refused_wherever_it_ends() {
        for format in [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::WebP] {
            let whole = file(90, 60, format);
            for kept in [20, whole.len() / 3, whole.len() / 2, whole.len() - 20] {
                assert!(read(&whole[..kept]).is_err(), "{format:?} of {kept} bytes");
            }
        }
    }

    #[test]
    fn invisible_pixels_do_not_colour_their_neighbours_and_visible_ones_stay() {
        let picture = RgbaImage::from_fn(1_200, 40, |x, _| {
            if x % 2 == 0 { Rgba([200, 30, 60, 255]) } else { Rgba([0, 0, 0, 0]) }
        });
        let small = image::load_from_memory(&read(&encode(&picture).unwrap()).unwrap()).unwrap().into_rgba8();
        for pixel in small.pixels() {
            assert!(pixel[3] > 120 && pixel[3] < 135, "{pixel:?}");
            assert!(pixel[0].abs_diff(200) < 3 && pixel[1].abs_diff(30) < 3, "{pixel:?}");
        }
    }

    #[test]
    fn the_icon_is_a_square_around_the_logo() {
        assert!(makes_an_icon((100, 60)) && !makes_an_icon((300, 60)) && !makes_an_icon((10, 160)));
        assert_eq!(size(&icon(&file(100, 60, ImageFormat::Png)).unwrap()), (64, 64));
        assert_eq!(size(&icon(&file(20, 30, ImageFormat::Png)).unwrap()), (30, 30));
    }
}
