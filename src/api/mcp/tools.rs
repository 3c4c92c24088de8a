//! The tools, in the order of their list.

use super::explain_filter::{self, FilterArguments, FilterExplanation};
use super::goals::{self, AnnotationsArguments};
use super::list_sites::{self, NoArguments};
use super::query;
use super::report::{self, ReportArguments};
use super::tool::{ToolDefinition, ToolWords};
use super::visits::{self, VisitArguments, VisitsArguments};
use crate::access::capability::Capability;
use crate::api::v1::annotations::AnnotationList;
use crate::api::v1::goals::GoalList;
use crate::api::v1::online::OnlineReply;
use crate::api::v1::query::reply::QueryReply;
use crate::api::v1::query::request::QueryRequest;
use crate::api::v1::reports::ReportReply;
use crate::api::v1::sites::SiteList;
use crate::api::v1::visits::list::VisitList;
use crate::api::v1::visits::visit::VisitReply;

/// All tools.
pub static TOOLS: &[ToolDefinition] = &[
    ToolDefinition::of_token::<NoArguments, SiteList>(
        ToolWords {
            name: "list_sites",
            title: "List the sites",
            description: "Lists the sites that this token may read, with their ids, domains and time zones. Begin here: the \
                          other tools take a site_id.",
        },
        list_sites::run,
    ),
    ToolDefinition::of_site::<QueryRequest, QueryReply>(
        ToolWords {
            name: "query",
            title: "Ask for numbers",
            description: "Counts visits: metrics, in total or by one or two dimensions, for any days, with filters, an order \
                          and a comparison. Example: {\"site_id\":\"1\",\"metrics\":[\"visits\",\"bounce_rate\"],\
                          \"date_range\":\"last-30-days\",\"dimensions\":[\"country\"],\"filters\":[[\"contains\",\"href\",\
                          [\"/shop\"]]],\"order_by\":[[\"visits\",\"desc\"]],\"compare\":\"before\",\"limit\":10}. The \
                          resource clickstead://catalogue and explain_filter list all names.",
        },
        Capability::OpenReport,
        query::run,
    ),
    ToolDefinition::of_site::<ReportArguments, ReportReply>(
        ToolWords {
            name: "report",
            title: "Get a report",
            description: "Gets one of the site's reports, with the numbers of its screen: also those that query has not, such as \
                          funnels, journeys, split tests with their verdicts, retention, and hours and weekdays. The resource \
                          clickstead://catalogue lists all names. Example: {\"site_id\":\"1\",\"report\":\"split-tests\",\
                          \"date\":\"last-30-days\"}.",
        },
        Capability::OpenReport,
        report::run,
    ),
    ToolDefinition::of_site::<VisitsArguments, VisitList>(
        ToolWords {
            name: "visits",
            title: "List visits",
            description: "Lists single visits, newest first: when, from where, by which source, with which device, and with \
                          their actions if asked. For numbers of visits use query.",
        },
        Capability::SeeLiveVisitorList,
        visits::list,
    )
    .long(),
    ToolDefinition::of_site::<VisitArguments, VisitReply>(
        ToolWords {
            name: "visit",
            title: "Show a visit",
            description: "Shows one visit with all its actions in order, and what is known of its visitor. The id comes from \
                          visits.",
        },
        Capability::OpenVisit,
        visits::show,
    ),
    ToolDefinition::of_site::<NoArguments, OnlineReply>(
        ToolWords {
            name: "online",
            title: "Count who is online",
            description: "Counts the visitors who did something in the last five minutes, by page and by source.",
        },
        Capability::SeeLiveVisitorList,
        visits::count_online,
    ),
    ToolDefinition::of_site::<NoArguments, GoalList>(
        ToolWords {
            name: "goals",
            title: "List the goals",
            description: "Lists what the site counts as success: the goals that were set up, with their rules, and those that \
                          pages named and nobody has set up. For how often each was reached use query with the dimension \
                          goal, or the metrics conversions, conversion_rate and revenue.",
        },
        Capability::SeeGoalResults,
        goals::list,
    ),
    ToolDefinition::of_site::<AnnotationsArguments, AnnotationList>(
        ToolWords {
            name: "annotations",
            title: "List the annotations of dates",
            description: "Lists what people wrote on dates, such as a sale, and the deployments that programs reported. Look here \
                          for the reason of a change on a day.",
        },
        Capability::SeeAnnotations,
        goals::list_annotations,
    ),
    ToolDefinition::of_token::<FilterArguments, FilterExplanation>(
        ToolWords {
            name: "explain_filter",
            title: "Explain filters",
            description: "Says which dimensions, operators and metrics exist, and what filters mean in words, or what is \
                          wrong with them. Takes filters as in addresses (country.in=DE,AT&href.contains=cakes), as in a \
                          query, or the id of a saved segment. Use it before a query with filters you are not sure of.",
        },
        explain_filter::run,
    ),
];
