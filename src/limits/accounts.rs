//! Limits of accounts and of what they share: signing in, letters, links, brands, plans.

use std::time::Duration;

/// Characters of a password at least.
pub const PASSWORD_CHARS_MIN: usize = 10;
/// Bytes of a password at most: what bcrypt looks at, less its closing zero.
pub const PASSWORD_BYTES_MAX: usize = 71;
/// bcrypt's work factor.
pub const PASSWORD_COST: u32 = 12;
/// Passwords that are being checked at once.
pub const PASSWORD_CHECKS_MAX: usize = 2;
/// Passwords of strangers that wait to be checked, and as many of known requesters. One more drops the
/// requester with most tries, with a 503.
pub const PASSWORDS_WAITING_MAX: usize = 500;
/// Failed sign-ins of one name from one network (IPv4 /24, IPv6 /48) or known device before it has to wait;
/// one more is allowed every `SIGN_IN_PAUSE`.
pub const SIGN_IN_TRIES_PER_NAME: u32 = 10;
/// Failed sign-ins of strangers at one address before it has to wait; one more is allowed every `SIGN_IN_PAUSE`.
pub const SIGN_IN_TRIES_PER_ADDRESS: u32 = 20;
/// Failed sign-ins of strangers in one network before it has to wait; one more is allowed every
/// `SIGN_IN_PAUSE`.
pub const SIGN_IN_TRIES_PER_NETWORK: u32 = 60;
/// The pause after which one further failed sign-in is allowed.
pub const SIGN_IN_PAUSE: Duration = Duration::from_secs(30);
/// Bytes of a typed name that tell its failed sign-ins from another's: the longest e-mail address.
pub const GUESSED_NAME_BYTES_MAX: usize = 254;
/// Names, addresses and networks whose tries are remembered; beyond it, faded tries and then the fewest are
/// dropped.
pub const TRIES_REMEMBERED_MAX: usize = 50_000;
/// Lifetime of a sign-in without use.
pub const SIGN_IN_IDLE: Duration = Duration::from_hours(30 * 24);
/// Shortest time after which the last use of a sign-in is written down again.
pub const SIGN_IN_SEEN_EVERY: Duration = Duration::from_mins(10);
/// Time for which a browser is a known device after its last sign-in.
pub const DEVICE_LASTS: Duration = Duration::from_hours(365 * 24);
/// Known devices of one user; beyond it, those unused for longest are forgotten.
pub const DEVICES_PER_USER_MAX: i64 = 30;

/// Half sign-ins that wait for the second factor; when more come, the oldest of the user with most of them
/// has to begin again.
pub const HALF_SIGN_INS_MAX: usize = 10_000;
/// Half sign-ins of one user from one network or known device; when more come, the oldest of them has to
/// begin again.
pub const HALF_SIGN_INS_PER_LANE_MAX: usize = 5;
/// Time that a right password waits for the second factor.
pub const HALF_SIGN_IN_LASTS: Duration = Duration::from_mins(5);
/// Wrong codes of one half sign-in before it has to begin again.
pub const CODES_PER_SIGN_IN_MAX: u32 = 5;
/// Wrong codes of one user from one network, known device or session before it has to wait; one more is
/// allowed every `CODE_PAUSE`.
pub const CODES_PER_USER: u32 = 10;
/// The pause after which one further wrong code is allowed.
pub const CODE_PAUSE: Duration = Duration::from_mins(10);
/// Wrong codes of one user under one password from all unknown browsers together, before these have to wait;
/// one more is allowed every `STRANGERS_CODE_PAUSE`. Of a million codes three are right at any time: a day's
/// tries from however many networks find one with 1 in 400.
pub const STRANGERS_CODES_PER_USER: u32 = 100;
/// The pause after which one further wrong code from an unknown browser is allowed.
pub const STRANGERS_CODE_PAUSE: Duration = Duration::from_mins(2);
/// Wrong codes in a row after which the person is told: somebody knows the password.
pub const WRONG_CODES_TOLD: u32 = 10;
/// Recovery codes that a person has.
pub const RECOVERY_CODES: usize = 10;
/// Lifetime of a link that sets a new password.
pub const RESET_LASTS: Duration = Duration::from_hours(1);
/// Links of one person that hold at once: no further letter is written as long as there are as many.
pub const RESETS_PER_USER_MAX: i64 = 3;
/// Letters with such a link for one name from one network before it has to wait; one more every
/// `SIGN_IN_PAUSE`.
pub const RESETS_PER_NAME: u32 = 3;
/// Letters with such a link that one address may ask for before it has to wait; one more every `SIGN_IN_PAUSE`.
pub const RESETS_PER_ADDRESS: u32 = 10;
/// Letters with such a link that one network may ask for before it has to wait; one more every
/// `SIGN_IN_PAUSE`.
pub const RESETS_PER_NETWORK: u32 = 30;
/// Letters with such a link that one user may ask for their sub-accounts; one more every `SIGN_IN_PAUSE`.
pub const RESETS_PER_PERSON: u32 = 10;
/// Bytes of an e-mail address (RFC 5321 leaves as many between the brackets of a path).
pub const EMAIL_BYTES_MAX: usize = 254;
/// Lifetime of a link that proves an e-mail address.
pub const PROOF_LASTS: Duration = Duration::from_hours(3 * 24);
/// Links of one person that hold at once, whatever the address: further letters are not written.
pub const PROOFS_PER_USER_MAX: i64 = 3;
/// Links to one e-mail address that are valid at once, from all accounts: several may enter the same address.
pub const PROOFS_PER_MAILBOX_MAX: i64 = 12;
/// Guesses at who has an account before somebody has to wait: names that nobody has when they share a site, names and
/// addresses that somebody has when they take one. One more every `SIGN_IN_PAUSE`.
pub const NAME_GUESSES_PER_USER: u32 = 10;
/// Such guesses of strangers at one address.
pub const NAME_GUESSES_PER_ADDRESS: u32 = 20;
/// Such guesses of all signed-in users behind one address, and of strangers in one network.
pub const NAME_GUESSES_PER_CROWD: u32 = 60;
/// People whom a user may let in before they have to wait: both answers tell whether an address has an account
/// here, and write to it. None is given back; one more every `SHARE_PAUSE`.
pub const SHARES_PER_USER: u32 = 50;
/// People let in by everybody behind one address.
pub const SHARES_PER_CROWD: u32 = 200;
/// The pause after which one further person may be let in.
pub const SHARE_PAUSE: Duration = Duration::from_mins(2);
/// Letters about shared sites from one user to one mailbox before they have to wait; one more every
/// `SHARE_LETTER_PAUSE`.
pub const SHARE_LETTERS_PER_SENDER: u32 = 5;
/// Letters about shared sites to one mailbox from all users; one more every `SHARE_LETTER_PAUSE`. Beyond it
/// sites are shared without a letter.
pub const SHARE_LETTERS_PER_MAILBOX: u32 = 20;
/// The pause after which one further such letter goes to the same mailbox.
pub const SHARE_LETTER_PAUSE: Duration = Duration::from_hours(1);
/// Characters of the name of a guest link.
pub const LINK_NAME_CHARS_MAX: usize = 100;
/// Guest links of one site.
pub const LINKS_PER_SITE_MAX: i64 = 100;
/// Time for which a browser that gave a guest link's password is not asked again.
pub const LINK_PASS_LASTS: Duration = Duration::from_hours(7 * 24);
/// Wrong passwords of one guest link from one network before it has to wait; one more every `SIGN_IN_PAUSE`.
pub const LINK_TRIES_PER_LINK: u32 = 20;
/// Wrong passwords of guest links from one address before it has to wait; one more every `SIGN_IN_PAUSE`.
pub const LINK_TRIES_PER_ADDRESS: u32 = 10;
/// Wrong passwords of guest links from one network before it has to wait; one more every `SIGN_IN_PAUSE`.
pub const LINK_TRIES_PER_NETWORK: u32 = 40;
/// Origins whose pages may hold one guest link in a frame.
pub const EMBED_ORIGINS_MAX: usize = 20;
/// Characters of the name under which a site's guest links go.
pub const BRAND_NAME_CHARS_MAX: usize = 60;
/// Characters of the line at the foot of guest links' pages.
pub const BRAND_FOOTER_CHARS_MAX: usize = 200;
/// Largest picture that is taken as a logo.
pub const LOGO_BYTES_MAX: usize = 512 * 1024;
/// Pixels that such a picture may be wide and high; a small file can hold a huge one.
pub const LOGO_SIDE_PIXELS_MAX: u32 = 3_000;
/// Memory that a decoded picture may take: four channels of 16 bits.
pub const LOGO_DECODED_BYTES_MAX: u64 = LOGO_SIDE_PIXELS_MAX as u64 * LOGO_SIDE_PIXELS_MAX as u64 * 8;
/// Pixels that a logo is wide at most, as it is kept.
pub const LOGO_WIDTH_PIXELS_MAX: u32 = 600;
/// Pixels that a logo is high at most, as it is kept.
pub const LOGO_HEIGHT_PIXELS_MAX: u32 = 160;
/// Pixels that the icon made of a logo is wide and high.
pub const ICON_PIXELS: u32 = 64;
/// Pictures that are decoded at once.
pub const PICTURES_AT_ONCE: usize = 1;
/// Pictures of signed-in users that wait to be decoded, and as many of guests.
pub const PICTURES_WAITING_MAX: usize = 200;
/// Bytes of a form with a file that are read, to tell whoever sends too large a file so; of more the connection is cut.
pub const UPLOAD_BYTES_MAX: usize = 16 * 1024 * 1024;
/// Time after a month's end, in UTC, at which it is closed: it is over everywhere, and its last visits are.
pub const MONTH_CLOSES_AFTER: Duration = Duration::from_hours(48);
/// The highest price of a plan, a month.
pub const PRICE_HUNDREDTHS_MAX: i64 = 10_000_000_000;
/// Actions that a plan may include in a month, where it does not include any number.
pub const PLAN_ACTIONS_MAX: i64 = 1_000_000_000_000;
/// Sites that a plan may have room for, where it does not have room for any number.
pub const PLAN_SITES_MAX: i64 = 1_000_000;
/// Characters of a plan's name.
pub const PLAN_NAME_CHARS_MAX: usize = 100;
/// Characters of a billing contact.
pub const PLAN_CONTACT_CHARS_MAX: usize = 300;
/// Characters of the notes on a plan.
pub const PLAN_NOTES_CHARS_MAX: usize = 2_000;
/// Time for which the audit log remembers an act.
pub const AUDIT_KEPT: Duration = Duration::from_hours(366 * 24);
/// Longest text of an act in the audit log.
pub const AUDIT_BYTES_MAX: usize = 500;
/// Acts that one page of the audit log shows.
pub const AUDIT_PAGE_ROWS: u32 = 100;
/// Sub-accounts that one account manages.
pub const SUB_ACCOUNTS_PER_USER_MAX: usize = 500;
/// Lifetime of an invitation to see a site.
pub const INVITATION_LASTS: Duration = Duration::from_hours(7 * 24);
/// Invitations to one site that are open at once.
pub const INVITATIONS_PER_SITE_MAX: i64 = 100;
/// People with whom one site is shared.
pub const SHARES_PER_SITE_MAX: i64 = 500;
/// Lifetime of the offer of a site to another account.
pub const OFFER_LASTS: Duration = Duration::from_hours(7 * 24);
