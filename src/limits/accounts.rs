//! Limits of accounts and of their shares: signing in, letters, links, brands, plans.

use std::ops::RangeInclusive;
use std::time::Duration;

/// The least number of characters of a password.
pub const PASSWORD_CHARS_MIN: usize = 10;
/// The largest number of bytes of a password: bcrypt reads 72, including a closing zero.
pub const PASSWORD_BYTES_MAX: usize = 71;
/// The work factor of bcrypt: 2^12 rounds.
pub const PASSWORD_COST: u32 = 12;
/// Password checks that run at once.
pub const PASSWORD_CHECKS_MAX: usize = 2;
/// Password checks of strangers that wait, and as many of known requesters. One more drops the requester with
/// most tries, with a 503.
pub const PASSWORDS_WAITING_MAX: usize = 500;
/// Failed sign-ins of one name from one network (IPv4 /24, IPv6 /48) or known device before it has to wait; one
/// more is allowed every `SIGN_IN_PAUSE`.
pub const SIGN_IN_TRIES_PER_NAME: u32 = 10;
/// Failed sign-ins of strangers at one address before they have to wait; one more is allowed every
/// `SIGN_IN_PAUSE`.
pub const SIGN_IN_TRIES_PER_ADDRESS: u32 = 20;
/// Failed sign-ins of strangers in one network before they have to wait; one more is allowed every
/// `SIGN_IN_PAUSE`.
pub const SIGN_IN_TRIES_PER_NETWORK: u32 = 60;
/// The pause after which one more failed sign-in is allowed.
pub const SIGN_IN_PAUSE: Duration = Duration::from_secs(30);
/// Bytes of a typed name by which failed sign-ins are counted: the longest e-mail address.
pub const GUESSED_NAME_BYTES_MAX: usize = 254;
/// Names, addresses and networks whose tries are remembered; above it, faded tries and then the keys with the
/// fewest are dropped.
pub const TRIES_REMEMBERED_MAX: usize = 50_000;
/// The lifetime of an unused sign-in.
pub const SIGN_IN_IDLE: Duration = Duration::from_hours(30 * 24);
/// The shortest time between two updates of a sign-in's last use.
pub const SIGN_IN_SEEN_EVERY: Duration = Duration::from_mins(10);
/// The time for which a browser is a known device after its last sign-in.
pub const DEVICE_LASTS: Duration = Duration::from_hours(365 * 24);
/// Known devices of one user; above it, those unused for longest are dropped.
pub const DEVICES_PER_USER_MAX: i64 = 30;

/// Sign-ins that wait for the second factor; above it, the oldest one of the user with most of them ends.
pub const PENDING_SIGN_INS_MAX: usize = 10_000;
/// Sign-ins of one user from one network or known device that wait for the second factor; above it, the oldest
/// one ends.
pub const PENDING_SIGN_INS_PER_LANE_MAX: usize = 5;
/// The time for which a sign-in waits for the second factor.
pub const PENDING_SIGN_IN_LASTS: Duration = Duration::from_mins(5);
/// Wrong codes of one sign-in before it ends.
pub const CODES_PER_SIGN_IN_MAX: u32 = 5;
/// Wrong codes of one user from one network, known device or session before it has to wait; one more is allowed
/// every `CODE_PAUSE`.
pub const CODES_PER_USER: u32 = 10;
/// The pause after which one more wrong code is allowed.
pub const CODE_PAUSE: Duration = Duration::from_mins(10);
/// Wrong codes of one user under one password from all unknown browsers together, before these have to wait;
/// one more is allowed every `STRANGERS_CODE_PAUSE`. Of a million codes three are valid at any time: a day's
/// tries from however many networks find one with a probability of 1 in 400.
pub const STRANGERS_CODES_PER_USER: u32 = 100;
/// The pause after which one more wrong code from an unknown browser is allowed.
pub const STRANGERS_CODE_PAUSE: Duration = Duration::from_mins(2);
/// Wrong codes in a row after which the user gets a letter: the sender knows the password.
pub const WRONG_CODES_TOLD: u32 = 10;
/// Recovery codes of one user.
pub const RECOVERY_CODES: usize = 10;
/// The lifetime of a link for a new password.
pub const RESET_LASTS: Duration = Duration::from_hours(1);
/// Links for a new password of one user that are valid at once; no further letter is sent while there are as
/// many.
pub const RESETS_PER_USER_MAX: i64 = 3;
/// Letters with a link for a new password for one name from one network before it has to wait; one more every
/// `SIGN_IN_PAUSE`.
pub const RESETS_PER_NAME: u32 = 3;
/// Letters with a link for a new password requested from one address before it has to wait; one more every
/// `SIGN_IN_PAUSE`.
pub const RESETS_PER_ADDRESS: u32 = 10;
/// Letters with a link for a new password requested from one network before it has to wait; one more every
/// `SIGN_IN_PAUSE`.
pub const RESETS_PER_NETWORK: u32 = 30;
/// Letters with a link for a new password that one user may request for their sub-accounts; one more every
/// `SIGN_IN_PAUSE`.
pub const RESETS_PER_PERSON: u32 = 10;
/// The least and the largest number of characters of a user name.
pub const USERNAME_CHARS: RangeInclusive<usize> = 2..=40;
/// The largest number of characters of a site's name.
pub const SITE_NAME_CHARS_MAX: usize = 100;
/// The largest number of bytes of an e-mail address (RFC 5321 leaves as many between the brackets of a path).
pub const EMAIL_BYTES_MAX: usize = 254;
/// The lifetime of a link that confirms an e-mail address.
pub const PROOF_LASTS: Duration = Duration::from_hours(3 * 24);
/// Confirmation links of one user that are valid at once, for any address; further letters are not sent.
pub const PROOFS_PER_USER_MAX: i64 = 3;
/// Confirmation links to one e-mail address that are valid at once, from all accounts: several may enter the
/// same address.
pub const PROOFS_PER_MAILBOX_MAX: i64 = 12;
/// Guesses at existing accounts by one user before a wait: unknown names when sharing a site, taken names and
/// addresses when choosing one. One more every `SIGN_IN_PAUSE`.
pub const NAME_GUESSES_PER_USER: u32 = 10;
/// Guesses at existing accounts by strangers at one address.
pub const NAME_GUESSES_PER_ADDRESS: u32 = 20;
/// Guesses at existing accounts by all signed-in users behind one address, and by strangers in one network.
pub const NAME_GUESSES_PER_CROWD: u32 = 60;
/// Shares and invitations of one user before a wait: both answers disclose whether an address has an account,
/// and both send a letter to it. None is given back; one more every `SHARE_PAUSE`.
pub const SHARES_PER_USER: u32 = 50;
/// Shares and invitations of all users behind one address.
pub const SHARES_PER_CROWD: u32 = 200;
/// The pause after which one more share or invitation is allowed.
pub const SHARE_PAUSE: Duration = Duration::from_mins(2);
/// Letters about shared sites from one user to one mailbox before a wait; one more every `SHARE_LETTER_PAUSE`.
pub const SHARE_LETTERS_PER_SENDER: u32 = 5;
/// Letters about shared sites to one mailbox from all users; one more every `SHARE_LETTER_PAUSE`. Above it,
/// sites are shared without a letter.
pub const SHARE_LETTERS_PER_MAILBOX: u32 = 20;
/// The pause after which one more letter about shared sites goes to the same mailbox.
pub const SHARE_LETTER_PAUSE: Duration = Duration::from_hours(1);
/// Characters of the name of a guest link.
pub const LINK_NAME_CHARS_MAX: usize = 100;
/// Guest links of one site.
pub const LINKS_PER_SITE_MAX: i64 = 100;
/// The time for which a browser that gave a guest link's password need not give it again.
pub const LINK_PASS_LASTS: Duration = Duration::from_hours(7 * 24);
/// Wrong passwords of one guest link from one network before it has to wait; one more every `SIGN_IN_PAUSE`.
pub const LINK_TRIES_PER_LINK: u32 = 20;
/// Wrong passwords of guest links from one address before it has to wait; one more every `SIGN_IN_PAUSE`.
pub const LINK_TRIES_PER_ADDRESS: u32 = 10;
/// Wrong passwords of guest links from one network before it has to wait; one more every `SIGN_IN_PAUSE`.
pub const LINK_TRIES_PER_NETWORK: u32 = 40;
/// Origins whose pages may show one guest link in a frame.
pub const EMBED_ORIGINS_MAX: usize = 20;
/// Characters of the name of a brand.
pub const BRAND_NAME_CHARS_MAX: usize = 60;
/// Characters of the footer of a brand.
pub const BRAND_FOOTER_CHARS_MAX: usize = 200;
/// Bytes of a picture uploaded as a logo.
pub const LOGO_BYTES_MAX: usize = 512 * 1024;
/// Pixels of such a picture's width and height; a small file can hold a huge picture.
pub const LOGO_SIDE_PIXELS_MAX: u32 = 3_000;
/// Bytes of memory for a decoded picture: four channels of 16 bits.
pub const LOGO_DECODED_BYTES_MAX: u64 = LOGO_SIDE_PIXELS_MAX as u64 * LOGO_SIDE_PIXELS_MAX as u64 * 8;
/// Pixels of a stored logo's width.
pub const LOGO_WIDTH_PIXELS_MAX: u32 = 600;
/// Pixels of a stored logo's height.
pub const LOGO_HEIGHT_PIXELS_MAX: u32 = 160;
/// Pixels of the width and height of a logo's icon.
pub const ICON_PIXELS: u32 = 64;
/// Pictures that are decoded at once.
pub const PICTURES_AT_ONCE: usize = 1;
/// Pictures of signed-in users that wait to be decoded, and as many of guests.
pub const PICTURES_WAITING_MAX: usize = 200;
/// Bytes of a form with a file that are read, so that the sender of too large a file gets an error message;
/// beyond it the connection is cut.
pub const UPLOAD_BYTES_MAX: usize = 16 * 1024 * 1024;
/// The time after a month's end, in UTC, at which it is closed: it is over in every time zone, and so are its
/// last visits.
pub const MONTH_CLOSES_AFTER: Duration = Duration::from_hours(48);
/// The highest price of a plan a month, in hundredths of the currency.
pub const PRICE_HUNDREDTHS_MAX: i64 = 10_000_000_000;
/// Actions included in a month by a limited plan.
pub const PLAN_ACTIONS_MAX: i64 = 1_000_000_000_000;
/// Sites allowed by a limited plan.
pub const PLAN_SITES_MAX: i64 = 1_000_000;
/// Characters of a plan's name.
pub const PLAN_NAME_CHARS_MAX: usize = 100;
/// Characters of a billing contact.
pub const PLAN_CONTACT_CHARS_MAX: usize = 300;
/// Characters of the notes on a plan.
pub const PLAN_NOTES_CHARS_MAX: usize = 2_000;
/// The shortest time between two entries of the audit log about keys that a program got through the account API.
pub const KEY_DISCLOSURE_RECORDED_EVERY: Duration = Duration::from_hours(24);
/// The time for which the audit log keeps an act.
pub const AUDIT_KEPT: Duration = Duration::from_hours(366 * 24);
/// Bytes of an act's text in the audit log.
pub const AUDIT_BYTES_MAX: usize = 500;
/// Acts on one page of the audit log.
pub const AUDIT_PAGE_ROWS: u32 = 100;
/// Sub-accounts of one account.
pub const SUB_ACCOUNTS_PER_USER_MAX: usize = 500;
/// The lifetime of an invitation to a site.
pub const INVITATION_LASTS: Duration = Duration::from_hours(7 * 24);
/// Open invitations to one site.
pub const INVITATIONS_PER_SITE_MAX: i64 = 100;
/// Shares of one site.
pub const SHARES_PER_SITE_MAX: i64 = 500;
/// The lifetime of the offer of a site to another account.
pub const OFFER_LASTS: Duration = Duration::from_hours(7 * 24);
