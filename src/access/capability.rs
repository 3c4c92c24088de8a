//! The capabilities of `access.csv`, each as a value and as a type for the signature of a handler.

macro_rules! capabilities {
    ($($(#[$meaning:meta])* $name:ident = $row:literal,)*) => {
        /// A row of `access.csv`; the only thing that code checks for rights.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Capability {
            $($(#[$meaning])* #[doc = $row] $name,)*
        }

        impl Capability {
            /// All capabilities, in the order of the table.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// Returns the row's name in the table.
            pub fn row(self) -> &'static str {
                match self { $(Self::$name => $row,)* }
            }
        }

        $(
            #[doc = $row]
            #[allow(dead_code, reason = "a capability that no route uses yet is listed by a test")]
            pub struct $name;

            impl CapabilityType for $name {
                const CAPABILITY: Capability = Capability::$name;
            }
        )*
    };
}

/// A capability as a type.
pub trait CapabilityType: 'static {
    /// The capability as a value.
    const CAPABILITY: Capability;
}

capabilities! {
    SeeSiteInList = "see the site in the site list",
    OpenReport = "open a report",
    SeeLiveVisitorList = "see the live visitor list",
    SeeVisitorData = "see addresses names and custom data of visitors",
    OpenVisit = "open one visit's action log",
    SeeGoalResults = "see goal and funnel results",
    SeeRevenue = "see revenue",
    SeeAnnotations = "see annotations of dates",
    SeeHeatmaps = "see heatmaps",
    ReplayVisit = "replay a visit",
    ExportCsv = "export CSV from a screen",
    ReadApi = "read through the API",
    WriteApi = "write through the API",
    ManageGoals = "create edit delete goals funnels and split tests",
    Annotate = "annotate visitors and dates",
    ChangeSiteSettings = "change site settings and tracking preferences",
    ChooseRecordedPages = "choose which pages heatmaps and recordings cover",
    SeeTrackingCode = "see the tracking code",
    SeeSiteKey = "see the site key",
    RotateSiteKey = "rotate the site key",
    SeePeople = "see the list of people and links with access",
    ManagePeople = "add change remove people",
    ManageGuestLinks = "make change disable guest links",
    ChooseViewOnly = "choose what View Only people see",
    WhiteLabel = "white label of guest links",
    SetOwnAlerts = "set own alerts and e-mail reports",
    SetSiteAlerts = "set alerts for the whole site",
    SeeAuditLog = "see the site's audit log",
    SeeBilling = "see the account's billing",
    SwitchBilling = "switch billing visibility for an administrator",
    LeaveSite = "leave the site",
    EraseVisitor = "erase or export one visitor's data",
    TransferSite = "transfer the site to another account",
    DeleteSite = "delete the site",
    SendHits = "load the tracker and send hits",
    OpenPublicPages = "open help licences and sign-in",
    UseOwnAccount = "use one's own account",
    CreateSite = "create a site within one's plan",
    ManageSubAccounts = "manage own sub-accounts and their plans",
    SeeMetrics = "see metrics",
}
