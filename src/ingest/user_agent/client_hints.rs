//! Client hints: what a browser sends besides its user agent (<https://wicg.github.io/ua-client-hints/>).

/// The client hints that a browser sends with its user agent.
#[derive(Clone, Debug, Default)]
pub struct ClientHints<'a> {
    /// The value of `Sec-CH-UA-Mobile`.
    pub mobile: Option<bool>,
    /// The value of `Sec-CH-UA-Platform`.
    pub platform: Option<&'a str>,
}
