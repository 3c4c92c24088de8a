//! An export of a report as CSV, which is written in slices.

use super::goal_columns::GoalColumns;
use crate::app::App;
use crate::error::Result;
use crate::http::chunked_body;
use crate::http::csv_file;
use crate::limits;
use crate::reports::answer::{Cursor, Slice};
use crate::reports::query::{Export, Query};
use actix_web::body::BoxBody;
use actix_web::web::{Bytes, Data};
use std::sync::Arc;

/// An export of a report of a site.
pub struct CsvExport {
    /// The application.
    pub app: Data<App>,
    /// The site, range, filters, comparison and visibility.
    pub query: Query,
    /// The reader of the file.
    pub reader: csv_file::CsvReader,
    /// The columns of conversions and costs.
    pub goals: GoalColumns,
}

impl CsvExport {
    /// Returns the body of the file, written in slices; `write` gets the rows of each slice, and true for the first.
    ///
    /// # Errors
    ///
    /// Fails as the first slice does.
    pub async fn slices(
        self,
        export: Export,
        write: impl Fn(Slice, bool) -> Result<Bytes> + Send + Sync + 'static,
    ) -> Result<BoxBody> {
        let shared = Arc::new((self.query, export, write));
        let slice = move |after: Option<Cursor>| {
            let (app, shared) = (self.app.clone(), Arc::clone(&shared));
            async move {
                app.view(move |reader| {
                    let (query, export, write) = &*shared;
                    let is_first = after.is_none();
                    let mut slice = reader.engine.slice(query, export, limits::EXPORT_SLICE_ROWS, after)?;
                    let next = slice.next.take().map(Some);
                    Ok((write(slice, is_first)?, next))
                })
                .await
            }
        };
        chunked_body::body(None, slice).await
    }
}
