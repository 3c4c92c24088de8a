//! The attributes of a visit with their texts.

use crate::model::channel::Channel;
use crate::model::device_type::DeviceType;
use crate::model::page_form::page_form;
use crate::store::attribute_cache::GeoPoint;
use crate::store::visit_attribute::{ATTRIBUTES, AttributeKind, VisitAttribute};
use rusqlite::Row;

/// The attributes of a visit; `None` for those that are unknown or hidden.
#[derive(Clone, Debug, Default)]
pub struct VisitAttributes {
    /// The channel; known unless it is hidden.
    pub channel: Option<Channel>,
    /// The channels of the first and of the last touch; known unless they are hidden.
    pub touch_channels: [Option<Channel>; 2],
    /// The device type; known unless it is hidden.
    pub device_type: Option<DeviceType>,
    /// Latitude and longitude in degrees.
    pub place: Option<(f64, f64)>,
    texts: [Option<String>; ATTRIBUTES],
}

/// Returns the columns of all attributes, for a query of visits with [`crate::store::visit_attribute::JOINS`].
pub fn columns() -> String {
    let column = |attribute: VisitAttribute| {
        let column = attribute.expression();
        if attribute.is_label() { format!("(select text from labels where id = {column})") } else { column }
    };
    VisitAttribute::all().map(column).collect::<Vec<_>>().join(", ")
}

impl VisitAttributes {
    /// Reads the [`columns`] of a row, the first of which has this index.
    ///
    /// # Errors
    /// Fails when the data file cannot be read.
    pub fn read(row: &Row<'_>, first: usize) -> rusqlite::Result<Self> {
        let number =
            |attribute| row.get::<_, Option<i64>>(first + attribute as usize).map(Option::unwrap_or_default);
        let channel = |attribute| {
            Ok::<_, rusqlite::Error>(Some(Channel::from_code(number(attribute)?).unwrap_or(Channel::Direct)))
        };
        let mut read = Self {
            channel: channel(VisitAttribute::Channel)?,
            touch_channels: [channel(VisitAttribute::FirstChannel)?, channel(VisitAttribute::LastChannel)?],
            device_type: Some(
                DeviceType::from_code(number(VisitAttribute::DeviceType)?).unwrap_or(DeviceType::Other),
            ),
            place: GeoPoint::stored(number(VisitAttribute::Latitude)?, number(VisitAttribute::Longitude)?)
                .degrees(),
            ..Self::default()
        };
        for attribute in VisitAttribute::all().filter(|attribute| attribute.is_label()) {
            let text: Option<String> = row.get(first + attribute as usize)?;
            let is_page = attribute.kind() == AttributeKind::Page;
            read.set(attribute, text.map(|text| if is_page { page_form(&text).into_owned() } else { text }));
        }
        Ok(read)
    }

    /// Returns the text of an attribute whose values are labels.
    pub fn text(&self, attribute: VisitAttribute) -> Option<&str> {
        self.texts[attribute as usize].as_deref()
    }

    /// Takes the text of an attribute whose values are labels.
    pub fn take(&mut self, attribute: VisitAttribute) -> Option<String> {
        self.texts[attribute as usize].take()
    }

    /// Sets the text of an attribute whose values are labels.
    pub fn set(&mut self, attribute: VisitAttribute, text: Option<String>) {
        self.texts[attribute as usize] = text;
    }

    /// Returns the value of an attribute in words.
    pub fn words(&self, attribute: VisitAttribute) -> Option<&str> {
        match attribute {
            VisitAttribute::Channel => self.channel.map(Channel::title),
            VisitAttribute::FirstChannel => self.touch_channels[0].map(Channel::title),
            VisitAttribute::LastChannel => self.touch_channels[1].map(Channel::title),
            VisitAttribute::DeviceType => self.device_type.map(DeviceType::name),
            _ => self.text(attribute),
        }
    }

    /// Returns the value of an attribute in words, for a list of all attributes: none of a touch whose source is the visit's own.
    pub fn told(&self, attribute: VisitAttribute) -> Option<&str> {
        let words = self.words(attribute);
        let is_own = attribute.touch().is_some() && words == self.words(attribute.untouched());
        words.filter(|_| !is_own)
    }

    /// Removes the value of an attribute.
    pub fn hide(&mut self, attribute: VisitAttribute) {
        match attribute {
            VisitAttribute::Channel => self.channel = None,
            VisitAttribute::FirstChannel => self.touch_channels[0] = None,
            VisitAttribute::LastChannel => self.touch_channels[1] = None,
            VisitAttribute::DeviceType => self.device_type = None,
            VisitAttribute::Latitude | VisitAttribute::Longitude => self.place = None,
            _ => self.set(attribute, None),
        }
    }
}
