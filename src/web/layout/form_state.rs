//! The state of a form on a screen: its values, what is wrong with them, and what the last change did.

use super::load;
use crate::error::Problem;
use crate::http::errors::see_other;
use crate::web::filters::query_params::QueryParams;
use crate::web::ui::field;
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use maud::{Markup, html};

/// The state of a form.
#[derive(Default)]
pub struct FormState<F> {
    /// The values, as stored or as typed.
    pub form: F,
    /// The problems of a refused form.
    pub problems: Vec<Problem>,
    /// The result of the last change, shown once.
    pub notice: Option<&'static str>,
    is_refused: bool,
}

impl<F> FormState<F> {
    /// Returns the state of an opened form.
    pub fn new(form: F) -> Self {
        Self { form, problems: Vec::new(), notice: None, is_refused: false }
    }

    /// Returns the state of an opened form, with the notice that the address names; see [`done`].
    pub fn opened(form: F, params: &QueryParams, notices: &[(&str, &'static str)]) -> Self {
        let change = params.get("done");
        let notice = notices.iter().find(|(name, _)| change == Some(name)).map(|(_, notice)| *notice);
        Self { notice, ..Self::new(form) }
    }

    /// Returns the state of a form after a change whose result is on the same page.
    pub fn changed(form: F, notice: &'static str) -> Self {
        Self { notice: Some(notice), ..Self::new(form) }
    }

    /// Returns the state of a refused form; without problems, of one that needs an agreement.
    pub fn refused(form: F, problems: Vec<Problem>) -> Self {
        Self { problems, is_refused: true, ..Self::new(form) }
    }

    /// Renders the notice.
    pub fn notice(&self) -> Markup {
        field::notice(self.notice)
    }

    /// Renders a sentence above the fields if the form was refused.
    pub fn refusal(&self, sentence: &str) -> Markup {
        html! { @if !self.problems.is_empty() { p.problem role="alert" { (sentence) } } }
    }

    /// Returns the response with the page of the form: 422 if it was refused.
    pub fn response(&self, page: Markup) -> HttpResponse {
        load::html_with(if self.is_refused { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK }, page)
    }
}

impl<F> FormState<Option<F>> {
    /// Returns the state with the stored values where none were typed.
    pub fn or(self, stored: F) -> FormState<F> {
        let Self { form, problems, notice, is_refused } = self;
        FormState { form: form.unwrap_or(stored), problems, notice, is_refused }
    }
}

/// Returns the redirect to the screen of a form after a change, so that the screen can tell of it.
pub fn done(path: &str, change: &str) -> HttpResponse {
    see_other(&format!("{path}?done={change}"))
}
