//! The value of a filter by a step of a funnel: `3:2` stands for the second step of the funnel with the id 3, `3:2:lost` for visits
//! that took it and not the next one. A funnel is also named by its name.

use crate::error::{Error, Result};

/// The value of a filter by a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FunnelStepValue {
    /// The id or the name of the funnel.
    pub funnel: String,
    /// The number of the step, from 1.
    pub number: usize,
    /// True if the next step is not taken.
    pub is_lost: bool,
}

/// The end of a value for visits that did not take the next step.
const LOST: &str = ":lost";

impl FunnelStepValue {
    /// Parses a value.
    ///
    /// # Errors
    /// Fails with [`Error::Invalid`] for a text that names no step.
    pub fn parse(text: &str) -> Result<Self> {
        let (rest, is_lost) = text.strip_suffix(LOST).map_or((text, false), |rest| (rest, true));
        let step = rest.rsplit_once(':').and_then(|(funnel, number)| {
            let number = number.trim().parse().ok().filter(|number| *number > 0)?;
            (!funnel.trim().is_empty()).then(|| Self { funnel: funnel.trim().to_owned(), number, is_lost })
        });
        step.ok_or_else(|| {
            Error::invalid(
                "filter",
                "Write a funnel and the number of a step, such as Checkout:2, or Checkout:2:lost for visits that went no further.",
            )
        })
    }

    /// Returns the value.
    pub fn text(&self) -> String {
        format!("{}:{}{}", self.funnel, self.number, if self.is_lost { LOST } else { "" })
    }

    /// Returns what a visit did, in words.
    pub fn words(&self) -> String {
        let is_id = self.funnel.bytes().all(|byte| byte.is_ascii_digit());
        let (number, kind) = (self.number, if is_id { "funnel " } else { "" });
        let lost = if self.is_lost { format!(", but not step {}", number + 1) } else { String::new() };
        format!("step {number} of {kind}{}{lost}", self.funnel)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_is_named_by_its_funnel_and_its_number() {
        for (text, funnel, number, is_lost) in [
            ("3:2", "3", 2, false),
            ("3:2:lost", "3", 2, true),
            ("Sign-up: trial:1", "Sign-up: trial", 1, false),
        ] {
            let value = FunnelStepValue::parse(text).unwrap();
            assert_eq!((value.funnel.as_str(), value.number, value.is_lost), (funnel, number, is_lost));
            assert_eq!(value.text(), text);
        }
        for wrong in ["", "3", ":2", "3:0", "3:x", "3:lost", "3:-1"] {
            assert!(FunnelStepValue::parse(wrong).unwrap_err().to_string().contains("Checkout:2"), "{wrong}");
        }
    }
}
