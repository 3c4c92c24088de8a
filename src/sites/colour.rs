//! Colours and their contrast: derives the shades of a brand's accent for the light and the dark scheme.

use std::fmt;

/// The least contrast ratio of text with its background (WCAG 2.2, success criterion 1.4.3).
pub const CONTRAST_MIN: f64 = 4.5;

/// An opaque sRGB colour, 8 bits a channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Colour([u8; 3]);

impl fmt::Display for Colour {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [red, green, blue] = self.0;
        write!(formatter, "#{red:02x}{green:02x}{blue:02x}")
    }
}

impl Colour {
    /// Parses `#rrggbb`; `None` for shorter forms and names.
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.strip_prefix('#').filter(|digits| digits.len() == 6)?;
        let is_hex = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        let number = is_hex.then(|| u32::from_str_radix(digits, 16).ok()).flatten()?;
        let [_, red, green, blue] = number.to_be_bytes();
        Some(Self([red, green, blue]))
    }

    /// Returns the relative luminance, from 0 to 1 (WCAG 2.2, relative luminance).
    fn luminance(self) -> f64 {
        let [red, green, blue] = self.0.map(|channel| {
            let share = f64::from(channel) / 255.0;
            if share <= 0.040_45 { share / 12.92 } else { ((share + 0.055) / 1.055).powf(2.4) }
        });
        0.2126 * red + 0.7152 * green + 0.0722 * blue
    }

    /// Returns the contrast ratio with another colour, from 1 to 21 (WCAG 2.2, contrast ratio).
    pub fn contrast(self, other: Self) -> f64 {
        let (one, other) = (self.luminance(), other.luminance());
        (one.max(other) + 0.05) / (one.min(other) + 0.05)
    }

    /// Returns this colour with a share (0 to 1) of another colour laid over it.
    fn mixed(self, other: Self, share: f64) -> Self {
        let mut channels = self.0;
        for (channel, over) in channels.iter_mut().zip(other.0) {
            *channel = rounded(f64::from(*channel) * (1.0 - share) + f64::from(over) * share);
        }
        Self(channels)
    }

    /// Returns the Euclidean distance of two colours in sRGB, from 0 to 442.
    fn distance(self, other: Self) -> f64 {
        let squares =
            self.0.into_iter().zip(other.0).map(|(one, other)| f64::from(one.abs_diff(other)).powi(2));
        squares.sum::<f64>().sqrt()
    }

    /// Returns the colour with the same hue and saturation at another lightness, from 0 to 1 (CSS Color 4,
    /// HSL).
    fn at_lightness(self, lightness: f64) -> Self {
        let channels = self.0.map(|channel| f64::from(channel) / 255.0);
        let (high, low) =
            (channels.into_iter().fold(0.0, f64::max), channels.into_iter().fold(1.0, f64::min));
        let (own, spread) = (f64::midpoint(high, low), high - low);
        let room = |lightness: f64| 1.0 - (2.0 * lightness - 1.0).abs();
        let saturation = if spread > 0.0 { spread / room(own) } else { 0.0 };
        let chroma = saturation * room(lightness);
        // The position of each channel between the lowest and the highest gives the hue.
        let place = |channel: f64| if spread > 0.0 { (channel - low) / spread } else { 0.5 };
        Self(channels.map(|channel| rounded(255.0 * (lightness + chroma * (place(channel) - 0.5)))))
    }

    fn lightness(self) -> f64 {
        let (high, low) = (self.0.into_iter().max(), self.0.into_iter().min());
        f64::from(u16::from(high.unwrap_or(0)) + u16::from(low.unwrap_or(0))) / 510.0
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is kept within a byte")]
fn rounded(channel: f64) -> u8 {
    channel.round().clamp(0.0, 255.0) as u8
}

/// A colour scheme, with the values of `app.css`: the backgrounds behind the accent, the text colour on the
/// accent, and the line colours of charts.
struct Scheme {
    grounds: [Colour; 2],
    on_accent: Colour,
    usual: Colour,
    lines: [Colour; 4],
    /// The share of the accent in the background of selected items, from 0 to 1.
    soft: f64,
    map: [f64; 5],
}

const LIGHT: Scheme = Scheme {
    grounds: [Colour([0xff, 0xff, 0xff]), Colour([0xf6, 0xf7, 0xf9])],
    on_accent: Colour([0xff, 0xff, 0xff]),
    usual: Colour([0x24, 0x56, 0xc8]),
    lines: [
        Colour([0xb4, 0x54, 0x0a]),
        Colour([0x17, 0x73, 0x3a]),
        Colour([0x8a, 0x3f, 0xb0]),
        Colour([0x0e, 0x74, 0x90]),
    ],
    soft: 0.1,
    map: [0.25, 0.45, 0.65, 0.85, 1.0],
};
const DARK: Scheme = Scheme {
    grounds: [Colour([0x12, 0x14, 0x19]), Colour([0x18, 0x1b, 0x21])],
    on_accent: Colour([0x0d, 0x13, 0x22]),
    usual: Colour([0x8a, 0xb0, 0xff]),
    lines: [
        Colour([0xf0, 0xa3, 0x5e]),
        Colour([0x6f, 0xce, 0x92]),
        Colour([0xd1, 0x9b, 0xef]),
        Colour([0x5c, 0xc8, 0xdc]),
    ],
    soft: 0.16,
    map: [0.3, 0.45, 0.62, 0.8, 1.0],
};

/// The colour distance below which two lines of a chart look the same.
const TOO_CLOSE: f64 = 60.0;

impl Scheme {
    /// Returns the least contrast of an accent over all its uses.
    fn contrast(&self, accent: Colour) -> f64 {
        let behind = self.grounds.into_iter().chain([self.soft(accent), self.on_accent]);
        behind.map(|ground| accent.contrast(ground)).fold(f64::INFINITY, f64::min)
    }

    fn soft(&self, accent: Colour) -> Colour {
        self.grounds[0].mixed(accent, self.soft)
    }

    /// Returns the accent if it is legible, else its nearest legible shade towards `end`: black (0) or white
    /// (1).
    fn legible(&self, accent: Colour, end: f64) -> Colour {
        let (from, steps) = (accent.lightness(), 200_u8);
        let shades = (0..=steps).map(|step| {
            let way = f64::from(step) / f64::from(steps);
            if step == 0 { accent } else { accent.at_lightness(from + (end - from) * way) }
        });
        let mut shades = shades.skip_while(|shade| self.contrast(*shade) < CONTRAST_MIN);
        shades.next().unwrap_or(self.usual)
    }

    fn palette(&self, accent: Colour) -> Palette {
        let is_close = |line: &Colour| line.distance(accent) < TOO_CLOSE;
        Palette {
            accent,
            on_accent: self.on_accent,
            soft: self.soft(accent),
            ground: self.grounds[0],
            map: self.map.map(|share| self.grounds[0].mixed(accent, share)),
            line: self.lines.iter().position(is_close).map(|place| (place, self.usual)),
        }
    }
}

/// The colours that a scheme derives from an accent.
#[derive(Clone, Copy, Debug)]
pub struct Palette {
    /// The colour of links, buttons and selected items.
    pub accent: Colour,
    /// The text colour on the accent.
    pub on_accent: Colour,
    /// The background of selected items.
    pub soft: Colour,
    /// The background of the page.
    pub ground: Colour,
    /// The shades of the map, from low to high values.
    pub map: [Colour; 5],
    /// The index of a chart line that would look like the accent, with its replacement.
    pub line: Option<(usize, Colour)>,
}

/// Returns the light scheme's palette of an accent.
pub fn light(accent: Colour) -> Palette {
    LIGHT.palette(accent)
}

/// Returns the dark scheme's palette of an accent, which is lightened if it is not legible on dark backgrounds.
pub fn dark(accent: Colour) -> Palette {
    DARK.palette(DARK.legible(accent, 1.0))
}

/// Returns the least contrast of an accent in the light scheme, which uses it unchanged.
pub fn contrast(accent: Colour) -> f64 {
    LIGHT.contrast(accent)
}

/// Returns the nearest darker shade that is legible in the light scheme.
pub fn darker(accent: Colour) -> Colour {
    LIGHT.legible(accent, 0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn colour(text: &str) -> Colour {
        Colour::parse(text).unwrap()
    }

    #[test]
    fn a_colour_is_six_digits_and_is_written_as_it_was_read() {
        assert_eq!(colour("#2456C8").to_string(), "#2456c8");
        for wrong in ["2456c8", "#fff", "#2456c", "#2456c88", "#+456c8", "red", "", "#é56c8"] {
            assert_eq!(Colour::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn contrast_is_what_the_standard_says() {
        let (black, white) = (colour("#000000"), colour("#ffffff"));
        assert!((black.contrast(white) - 21.0).abs() < 1e-9);
        assert!((white.contrast(white) - 1.0).abs() < 1e-9);
        // The grey that is known to just pass, and the next one that does not.
        assert!(colour("#767676").contrast(white) >= 4.5 && colour("#777777").contrast(white) < 4.5);
    }

    #[test]
    fn any_colour_has_a_shade_for_either_scheme_that_can_be_read_wherever_it_is_used() {
        for red in (0..=255).step_by(15) {
            for green in (0..=255).step_by(15) {
                for blue in (0..=255).step_by(15) {
                    let accent = Colour([red, green, blue]);
                    for (scheme, shade) in [(&LIGHT, darker(accent)), (&DARK, dark(accent).accent)] {
                        let palette = scheme.palette(shade);
                        for ground in scheme.grounds.into_iter().chain([palette.soft, palette.on_accent]) {
                            assert!(shade.contrast(ground) >= CONTRAST_MIN, "{accent} {shade} on {ground}");
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn a_colour_that_can_be_read_stays_as_it_is_and_its_hue_stays_where_it_can_not() {
        assert_eq!(darker(colour("#8a1538")), colour("#8a1538"));
        assert_eq!(dark(colour("#8ab0ff")).accent, colour("#8ab0ff"));
        let Colour([red, green, blue]) = darker(colour("#ffcc00"));
        assert!(red > green && green > blue && blue == 0, "no yellow");
    }

    #[test]
    fn a_line_of_charts_that_looks_like_the_accent_gives_way() {
        assert_eq!(light(colour("#b5560c")).line, Some((0, LIGHT.usual)));
        assert_eq!(light(colour("#2456c8")).line, None);
    }
}
