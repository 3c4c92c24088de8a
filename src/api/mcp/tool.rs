//! A tool: its description, and its call with the errors that an assistant can do something about.

use super::schema;
use super::visitor_text;
use crate::access::capability::Capability;
use crate::api::v1::read_context::ReadContext;
use crate::error::{Error, Result};
use crate::http::program_request::ProgramCaller;
use crate::http::site_context::SiteContext;
use crate::model::id::SiteId;
use crate::reports::data_reader::DataReader;
use rmcp::model::{CallToolResult, ContentBlock, JsonObject, Tool, ToolAnnotations};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use utoipa::ToSchema;

/// The reader, the caller and the address of this server, from which a tool answers.
pub struct ToolContext<'a> {
    /// The reader of one moment of the data file.
    pub reader: &'a DataReader<'a>,
    /// The program, whose token was right in the same moment.
    pub caller: &'a ProgramCaller,
    /// The origin under which the client reaches this server.
    pub origin: String,
}

impl ToolContext<'_> {
    /// Returns a site on which the token may read and use a capability.
    ///
    /// # Errors
    ///
    /// Fails with `Error::Missing` for a site that the token must not know of, with `Error::Forbidden` when it may not use the
    /// capability there, and when the data file cannot be read.
    pub fn site(&self, id: &str, capability: Capability) -> Result<SiteContext> {
        let id = SiteId::parse(id).ok_or_else(|| {
            Error::invalid(
                "site_id",
                "A site_id is a number such as \"1\"; list_sites has it with the domain.",
            )
        })?;
        self.caller.site(self.reader.connection, id, &[Capability::ReadApi, capability])
    }
}

/// The arguments of a call.
pub type Arguments = JsonObject;

/// The work of a tool.
enum Work {
    /// About whatever the token opens.
    OfToken(fn(&ToolContext<'_>, Arguments) -> Result<ToolAnswer>),
    /// About one site, on which the token must have the capability.
    OfSite(Capability, fn(&ReadContext<'_>, Arguments) -> Result<ToolAnswer>),
}

/// The words of a tool.
pub struct ToolWords {
    /// The name by which it is called.
    pub name: &'static str,
    /// The title for people.
    pub title: &'static str,
    /// The description for the assistant: the questions that it answers, and its arguments.
    pub description: &'static str,
}

/// The answer of a tool.
pub struct ToolAnswer {
    /// One sentence for the assistant, made of nothing that visitors sent.
    sentence: String,
    /// The result.
    result: Value,
    /// The address of the screen that shows the same.
    url: Option<String>,
}

impl ToolAnswer {
    /// Makes an answer of a sentence and a result.
    ///
    /// # Errors
    ///
    /// Fails with `Error::Internal` for a result that is no JSON.
    pub fn new(sentence: impl Into<String>, result: &impl Serialize) -> Result<Self> {
        let result = serde_json::to_value(result).map_err(|error| Error::Internal(error.to_string()))?;
        Ok(Self { sentence: sentence.into(), result, url: None })
    }

    /// Adds the address of the screen that shows the same.
    #[must_use]
    pub fn with_url(self, url: Option<String>) -> Self {
        Self { url, ..self }
    }
}

/// A tool. All tools only read.
pub struct ToolDefinition {
    /// Its words.
    pub words: ToolWords,
    input: fn() -> JsonObject,
    output: fn() -> JsonObject,
    work: Work,
    /// True if it may take long: a program runs one such tool at a time.
    pub is_long: bool,
}

impl ToolDefinition {
    /// Defines a tool that takes arguments of one type and gives results of another.
    pub const fn of_token<A: ToSchema, R: ToSchema>(
        words: ToolWords,
        run: fn(&ToolContext<'_>, Arguments) -> Result<ToolAnswer>,
    ) -> Self {
        let work = Work::OfToken(run);
        Self { words, input: schema::of::<A>, output: schema::of_answer::<R>, work, is_long: false }
    }

    /// Defines a tool about one site, whose `site_id` comes before the other arguments.
    pub const fn of_site<A: ToSchema, R: ToSchema>(
        words: ToolWords,
        capability: Capability,
        run: fn(&ReadContext<'_>, Arguments) -> Result<ToolAnswer>,
    ) -> Self {
        let work = Work::OfSite(capability, run);
        Self { words, input: schema::of_site::<A>, output: schema::of_answer::<R>, work, is_long: false }
    }

    /// Marks the tool as one that may take long.
    pub const fn long(self) -> Self {
        Self { is_long: true, ..self }
    }

    /// Describes the tool for the protocol.
    pub fn describe(&self) -> Tool {
        let ToolWords { name, title, description } = self.words;
        let annotations = ToolAnnotations::with_title(title)
            .read_only(true)
            .destructive(false)
            .idempotent(true)
            .open_world(false);
        Tool::new(name, description, (self.input)())
            .with_title(title)
            .with_raw_output_schema((self.output)().into())
            .with_annotations(annotations)
    }

    fn run(&self, context: &ToolContext<'_>, mut arguments: Arguments) -> Result<ToolAnswer> {
        let (capability, run) = match self.work {
            Work::OfToken(run) => return run(context, arguments),
            Work::OfSite(capability, run) => (capability, run),
        };
        let Some(Value::String(id)) = arguments.remove("site_id") else {
            return Err(Error::invalid("site_id", "Write the site_id as text; list_sites has it."));
        };
        let site = context.site(&id, capability)?;
        run(&ReadContext { reader: context.reader, site: &site, origin: &context.origin }, arguments)
    }
}

/// Parses the arguments of a call.
///
/// # Errors
///
/// Fails with `Error::Invalid` for arguments of another form.
pub fn parse<A: DeserializeOwned>(arguments: Arguments) -> Result<A> {
    serde_json::from_value(Value::Object(arguments))
        .map_err(|error| Error::invalid("arguments", format!("These arguments don't fit: {error}.")))
}

/// Calls a tool. What the assistant can do better is an error of the tool, with the sentence that the API would send.
///
/// # Errors
///
/// Fails when the data file cannot be read.
pub fn call(
    tool: &ToolDefinition,
    context: &ToolContext<'_>,
    arguments: JsonObject,
) -> Result<CallToolResult> {
    let mut answer = match tool.run(context, arguments.clone()) {
        Ok(answer) => answer,
        Err(
            error @ (Error::Invalid(_)
            | Error::Missing(_)
            | Error::Forbidden
            | Error::TokenForbidden(_)
            | Error::Malformed),
        ) => {
            return Ok(CallToolResult::error(vec![ContentBlock::text(error.to_string())]));
        }
        Err(error) => return Err(error),
    };
    visitor_text::clean(&mut answer.result);
    let asked = json!({"tool": tool.words.name, "arguments": arguments});
    let mut structured = json!({"about_texts": visitor_text::MARK, "asked": asked, "result": answer.result});
    if let Some(url) = answer.url {
        structured["url"] = url.into();
    }
    // Clients that know no structured content read the same as text.
    let text = ContentBlock::text(structured.to_string());
    let mut result = CallToolResult::success(vec![ContentBlock::text(answer.sentence), text]);
    result.structured_content = Some(structured);
    Ok(result)
}
