//! Multipart forms with a file: the texts as typed, and the file up to a limit.

use crate::error::{Error, Result};
use crate::limits;
use actix_multipart::Multipart;
use futures_util::StreamExt;

/// The file of a form.
#[derive(Debug, PartialEq, Eq)]
pub enum UploadedFile {
    /// No file was chosen.
    None,
    /// The file exceeds its limit.
    TooLarge,
    /// The file's bytes.
    Bytes(Vec<u8>),
}

/// A parsed form.
#[derive(Debug)]
pub struct Upload {
    fields: Vec<(String, String)>,
    /// The form's file.
    pub file: UploadedFile,
}

impl Upload {
    /// Returns the text of a field; empty if there is none.
    pub fn value(&self, field: &str) -> &str {
        self.fields.iter().find(|(name, _)| name == field).map_or("", |(_, value)| value.as_str())
    }
}

/// Reads a form with one file of at most `bytes_max` bytes. The file must come last: a body beyond
/// `UPLOAD_BYTES_MAX` is not read further.
///
/// # Errors
///
/// Fails with `Error::Invalid` when the form is not complete, a text exceeds `BODY_BYTES_MAX`, or there are
/// more than `PARAMETERS_MAX` texts.
pub async fn read(mut parts: Multipart, file_field: &str, bytes_max: usize) -> Result<Upload> {
    let mut upload = Upload { fields: Vec::new(), file: UploadedFile::None };
    let mut total = 0;
    while let Some(part) = parts.next().await {
        let mut part = part.map_err(|_| broken())?;
        let name = part.name().unwrap_or_default().to_owned();
        let is_file = name == file_field;
        let size_max = if is_file { bytes_max } else { limits::BODY_BYTES_MAX };
        let (mut bytes, mut is_too_large) = (Vec::new(), false);
        while let Some(chunk) = part.next().await {
            let chunk = chunk.map_err(|_| broken())?;
            total += chunk.len();
            is_too_large |= bytes.len() + chunk.len() > size_max;
            if total > limits::UPLOAD_BYTES_MAX {
                return Ok(Upload { file: UploadedFile::TooLarge, ..upload });
            }
            if is_too_large {
                bytes.clear();
            } else {
                bytes.extend_from_slice(&chunk);
            }
        }
        match (is_file, is_too_large) {
            (true, true) => upload.file = UploadedFile::TooLarge,
            (true, false) if bytes.is_empty() => {}
            (true, false) => upload.file = UploadedFile::Bytes(bytes),
            (false, true) => return Err(broken()),
            (false, false) => upload.fields.push((name, String::from_utf8_lossy(&bytes).into_owned())),
        }
        if upload.fields.len() > limits::PARAMETERS_MAX {
            return Err(broken());
        }
    }
    Ok(upload)
}

fn broken() -> Error {
    Error::invalid("form", "The form did not arrive whole. Go back and send it again.")
}
