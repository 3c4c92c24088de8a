//! The form of a brand, its preview, and the guest links that wear it.

use super::super::Tabs;
use crate::limits;
use crate::model::clock::Timestamp;
use crate::sites::brand::BrandForm;
use crate::sites::colour::{self, Colour, Palette};
use crate::store::brands::Brand;
use crate::store::links::Link;
use crate::web::layout::Frame;
use crate::web::layout::form_state::FormState;
use crate::web::ui::field::{self, Field};
use maud::{Markup, html};

/// The form with its picture.
#[derive(Default)]
pub struct TypedBrand {
    pub values: BrandForm,
    pub removes_logo: bool,
}

impl TypedBrand {
    /// Returns the values of a stored brand.
    pub fn from_brand(brand: &Brand) -> Self {
        let values = BrandForm {
            name: brand.name.clone(),
            accent: brand.accent.clone().unwrap_or_default(),
            footer: brand.footer.clone(),
        };
        Self { values, removes_logo: false }
    }
}

/// The values of the page.
pub struct BrandPage {
    pub tabs: Tabs,
    pub path: String,
    /// The path of the site's guest links, if the caller may manage them.
    pub links_path: Option<String>,
    pub now: Timestamp,
    pub state: FormState<TypedBrand>,
    /// The stored brand.
    pub brand: Option<Brand>,
    /// The guest links with white label.
    pub wearing: Vec<Link>,
}

/// Renders the page.
pub fn page(frame: &Frame, view: &BrandPage) -> Markup {
    view.tabs.page(
        frame,
        &html! {
            (view.state.notice())
            p { "Guest links with white label wear this brand: its name, logo and colour stand on their pages, and this program is named nowhere." }
            (view.state.refusal("Nothing is saved yet: see below."))
            (form(view))
            @if let Some(brand) = &view.brand { (preview(view, brand)) }
            (wearing(view))
            @if view.brand.is_some() {
                details.danger {
                    summary { "Remove the brand …" }
                    p { "Name, logo, colour and footer line go. Links with white label then show the site's name alone." }
                    form method="post" action={ (view.path) "/remove" } { button.warning type="submit" { "Remove the brand" } }
                }
            }
        },
    )
}

fn form(view: &BrandPage) -> Markup {
    let name = Field {
        name: "name",
        label: "Brand name",
        kind: "text",
        value: &view.state.form.values.name,
        autocomplete: "off",
        help: Some("Such as your agency's name. It stands top left and in the page's title."),
        is_required: true,
    };
    let footer = Field {
        name: "footer",
        label: "Footer line",
        kind: "text",
        value: &view.state.form.values.footer,
        autocomplete: "off",
        help: Some("Stands at the foot of every page, such as how to reach you."),
        is_required: false,
    };
    html! {
        // The file comes last, so that the other fields have arrived whatever is wrong with it.
        form.settings method="post" action=(view.path) enctype="multipart/form-data" {
            (field::input(&name, &view.state.problems))
            (accent(view))
            (field::input(&footer, &view.state.problems))
            (logo(view))
            button.primary type="submit" { "Save" }
        }
    }
}

fn accent(view: &BrandPage) -> Markup {
    let sentence = field::problem(&view.state.problems, "accent");
    html! {
        div.field {
            label for="accent" { "Accent colour " span.quiet { "(optional)" } }
            div.with-button {
                input id="accent" name="accent" type="text" value=(view.state.form.values.accent) placeholder="#2456c8"
                    autocomplete="off" spellcheck="false" maxlength="7"
                    aria-invalid=[sentence.map(|_| "true")] aria-describedby=[sentence.map(|_| "accent-problem")];
                input.colour type="color" data-colour-of="accent" aria-label="Pick the accent colour" hidden data-needs-script;
            }
            p.help { "Links, buttons and charts. Empty: the usual blue. It must be dark enough to be read on white; for dark screens a lighter shade is found by itself." }
            @if let Some(sentence) = sentence { p.problem id="accent-problem" { (sentence) } }
        }
    }
}

fn logo(view: &BrandPage) -> Markup {
    let sentence = field::problem(&view.state.problems, "logo");
    let has_logo = view.brand.as_ref().is_some_and(|brand| brand.logo.is_some());
    html! {
        div.field {
            label for="logo" { @if has_logo { "New logo " } @else { "Logo " } span.quiet { "(optional)" } }
            input id="logo" name="logo" type="file" accept="image/png,image/jpeg,image/webp"
                aria-invalid=[sentence.map(|_| "true")] aria-describedby=[sentence.map(|_| "logo-problem")];
            p.help {
                "PNG, JPEG or WebP, at most " (limits::LOGO_BYTES_MAX / 1024) " KB. It is kept at most "
                (limits::LOGO_WIDTH_PIXELS_MAX) " × " (limits::LOGO_HEIGHT_PIXELS_MAX)
                " pixels large. One that is about as wide as high is the icon in the browser's tab, too."
            }
            @if let Some(sentence) = sentence { p.problem id="logo-problem" { (sentence) } }
        }
        @if has_logo { (field::switch("remove_logo", "Remove the present logo", None, view.state.form.removes_logo)) }
    }
}

/// Renders the preview, light and dark, as an SVG drawing: the content policy forbids inline styles.
fn preview(view: &BrandPage, brand: &Brand) -> Markup {
    let default_accent = || Colour::parse("#2456c8");
    let accent = brand.accent.as_deref().and_then(Colour::parse);
    let Some(shown) = accent.or_else(default_accent) else { return html! {} };
    let (light, dark) = (colour::light(shown), colour::dark(shown));
    html! {
        section.brand-preview {
            h2 { "Preview" }
            p.quiet { "As it is saved, on light and on dark screens." }
            div {
                (drawing(view, brand, &light, "#16181d", "#dfe2e8"))
                (drawing(view, brand, &dark, "#eceef2", "#2b303a"))
            }
            @if accent.is_some() && dark.accent != shown {
                p.help { (shown) " can't be read on dark ground, so dark screens wear its lighter shade " (dark.accent) "." }
            }
        }
    }
}

/// The side of the drawing's logo, in its own units.
const LOGO_HIGH: u32 = 32;

fn drawing(view: &BrandPage, brand: &Brand, palette: &Palette, ink: &str, line: &str) -> Markup {
    let size = brand.logo.map(|(width, height)| {
        // The bounds of `app.css`.
        let wide = f64::from(width * LOGO_HIGH) / f64::from(height.max(1));
        wide.clamp(8.0, 140.0)
    });
    let beside = size.map_or(16.0, |wide| 16.0 + wide + 12.0);
    let Palette { accent, on_accent, soft, ground, .. } = palette;
    html! {
        svg viewBox="0 0 360 168" role="img" aria-label={ "A page of " (brand.name) } {
            rect x=".5" y=".5" width="359" height="167" rx="6" fill=(ground) stroke=(line) {}
            @if let Some(wide) = size {
                @if palette.ground != colour::light(*accent).ground {
                    rect x="12" y="10" width=(wide + 8.0) height="36" rx="4" fill="#fff" {}
                }
                image href={ (view.path) "/logo.png?v=" (brand.updated_at.0) } x="16" y="12" width=(wide) height=(LOGO_HIGH) {}
            }
            text x=(beside) y="34" fill=(ink) font-size="17" font-weight="600" { (brand.name) }
            path d="M0 56h360" stroke=(line) {}
            rect x="16" y="72" width="98" height="26" rx="5" fill=(soft) {}
            text x="26" y="90" fill=(accent) font-size="13" font-weight="600" { "Dashboard" }
            text x="26" y="118" fill=(ink) font-size="13" { "Visitors" }
            polyline points="128,118 168,104 208,110 248,88 288,96 340,74" fill="none" stroke=(accent) stroke-width="2" {}
            rect x="128" y="130" width="72" height="26" rx="5" fill=(accent) {}
            text x="164" y="148" fill=(on_accent) font-size="13" font-weight="600" text-anchor="middle" { "Button" }
            text x="216" y="148" fill=(accent) font-size="13" { "A link" }
        }
    }
}

fn wearing(view: &BrandPage) -> Markup {
    html! {
        section {
            h2 { "Links that wear it" }
            @if view.wearing.is_empty() {
                p.quiet { "No guest link has white label switched on." }
            } @else {
                ul.plain.rows { @for link in &view.wearing { (row(view, link)) } }
            }
            @if let Some(path) = &view.links_path { p { a href=(path) { "To the guest links →" } } }
        }
    }
}

fn row(view: &BrandPage, link: &Link) -> Markup {
    html! {
        li {
            div { b { (link.name) } @if !link.is_open(view.now) { " " span.tag.quiet-tag { "opens nothing now" } } }
            div.buttons {
                @if link.is_open(view.now) { a.button href=(crate::http::guest::path(&link.token)) { "Look at it" } }
                @if let Some(path) = &view.links_path { a.button href={ (path) "/" (link.id) } { "Change" } }
            }
        }
    }
}
