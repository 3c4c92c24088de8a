//! Limits of goals, campaigns and annotations.

/// The largest revenue of a conversion and cost of a campaign's day, in the minor unit of the currency; of refunds, too.
pub const REVENUE_MAX: i64 = 1_000_000_000_000;
/// The largest stored amount: [`REVENUE_MAX`] after a change of currency by which it got four more decimals, the most there are.
pub const STORED_AMOUNT_MAX: i64 = REVENUE_MAX * 10_000;
/// Conversions with revenue from which on the change of a site's currency is announced to take some seconds.
pub const CURRENCY_CHANGE_LONG: i64 = 200_000;
/// Goals of one site that are set up; and those set up and found together from which on a further name that pages send is
/// counted as "(other)".
pub const GOALS_PER_SITE_MAX: usize = 200;
/// Characters of the name of a goal.
pub const GOAL_NAME_CHARS_MAX: usize = 60;
/// Bytes of the pattern of a goal or of a rule for campaigns.
pub const GOAL_PATTERN_BYTES_MAX: usize = 500;
/// Bytes that the program of a regular expression may take.
pub const GOAL_EXPRESSION_BYTES_MAX: usize = 256 * 1024;
/// Funnels of one site.
pub const FUNNELS_PER_SITE_MAX: usize = 50;
/// Characters of the name of a funnel, and of a step.
pub const FUNNEL_NAME_CHARS_MAX: usize = 60;
/// Steps that a funnel has at least.
pub const FUNNEL_STEPS_MIN: usize = 2;
/// Steps that a funnel has at most.
pub const FUNNEL_STEPS_MAX: usize = 12;
/// Days in which a visitor may take all steps of a funnel.
pub const FUNNEL_WINDOW_DAYS_MAX: u32 = 90;
/// Visits with which a new or changed goal is matched in one transaction.
pub const GOAL_VISITS_PER_SLICE: usize = 20_000;
/// Actions of these visits; further visits wait for the next transaction.
pub const GOAL_ACTIONS_PER_SLICE: i64 = 100_000;
/// Actions with which a rule is matched while somebody sets a goal up.
pub const GOAL_PREVIEW_ACTIONS_MAX: i64 = 2_000_000;
/// Rules that are matched at once on the screens of those who set goals up, so that readers are left for reports.
pub const GOAL_PREVIEWS_AT_ONCE: usize = 1;
/// Such rules that wait.
pub const GOAL_PREVIEWS_WAITING_MAX: usize = 50;
/// Addresses and titles whose goals the writer keeps in memory, of one site; pairs of custom data and sources, too.
pub const GOAL_MATCHES_CACHED_MAX: usize = 50_000;
/// Next pages of those lost after a step of a funnel that programs are told.
pub const API_NEXT_PAGES: u32 = 10;
/// Rules for campaigns of one site.
pub const CAMPAIGN_RULES_PER_SITE_MAX: usize = 100;
/// Further names of campaign parameters of one site.
pub const CAMPAIGN_PARAMETERS_PER_SITE_MAX: usize = 25;
/// Campaign links that are kept of one site; the oldest ones give way.
pub const CAMPAIGN_LINKS_PER_SITE_MAX: usize = 500;
/// Days of costs that are set at once.
pub const COST_DAYS_MAX: i32 = 366;
/// Keys of custom data with a report of their own.
pub const CUSTOM_KEYS_SHOWN_MAX: usize = 20;
/// Keys of custom data that its report shows as tabs, if the site chose fewer.
pub const CUSTOM_KEYS_TABS_MAX: usize = 8;
/// Characters of an annotation of a date.
pub const ANNOTATION_CHARS_MAX: usize = 500;
/// The first day that can have an annotation: 1 January 2000, in days since 1970.
pub const ANNOTATION_FIRST_DAY: i32 = 10_957;
/// Days ahead of today that can have an annotation.
pub const ANNOTATION_DAYS_AHEAD_MAX: i32 = 366;
/// Annotations of one site and day.
pub const ANNOTATIONS_PER_DAY_MAX: usize = 100;
/// Characters of the name that an annotation gives a visitor, and of a tag.
pub const VISITOR_NAME_CHARS_MAX: usize = 60;
/// Tags of one visitor.
pub const VISITOR_TAGS_MAX: usize = 10;
/// Characters of the note on a visitor.
pub const VISITOR_NOTE_CHARS_MAX: usize = 2_000;
/// Days for which the first referrer and campaign of a visitor count for later direct visits.
pub const STICKY_DAYS: i64 = 90;
/// The newest visits of a visitor among which these are looked for.
pub const TOUCH_VISITS_MAX: i64 = 500;
