//! An export of a report as CSV, which is written in slices.

use crate::app::App;
use crate::error::Result;
use crate::reports::engine::query::QueryRunner;
use crate::reports::query::Query;
use crate::store::sites::Site;
use crate::web::{chunked_body, csv};
use actix_web::body::BoxBody;
use actix_web::web::{Bytes, Data};
use std::sync::Arc;

/// An export of a report of a site.
pub struct CsvExport {
    /// The application.
    pub app: Data<App>,
    /// The site.
    pub site: Site,
    /// The range, filters, comparison and visibility.
    pub query: Query,
    /// The reader of the file.
    pub reader: csv::CsvReader,
}

impl CsvExport {
    /// Returns the body of the file, written in slices; `make` gets the position where each slice begins.
    ///
    /// # Errors
    ///
    /// Fails as the first slice does.
    pub async fn slices<S: Send + 'static>(
        self,
        first: S,
        make: impl Fn(QueryRunner<'_>, S) -> Result<(Bytes, Option<S>)> + Send + Sync + 'static,
    ) -> Result<BoxBody> {
        let shared = Arc::new((self.site, self.query, make));
        let slice = move |begin| {
            let (app, shared) = (self.app.clone(), Arc::clone(&shared));
            async move {
                app.report(move |reader| {
                    let (site, query, make) = &*shared;
                    make(QueryRunner::new(reader, site, query)?, begin)
                })
                .await
            }
        };
        chunked_body::body(first, slice).await
    }
}
