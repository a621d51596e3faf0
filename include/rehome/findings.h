/* SPDX-License-Identifier: Apache-2.0 */
/* Findings: coded statements about one account; the one table from which messages and documents come. */
#ifndef REHOME_FINDINGS_H
#define REHOME_FINDINGS_H

#include <rehome/types.h>

#ifdef __cplusplus
extern "C" {
#endif

enum rh_severity {
	RH_SEVERITY_INFO,   /* worth knowing; nothing is lost */
	RH_SEVERITY_LOSS,   /* the account moves, something of it does not */
	RH_SEVERITY_REFUSE, /* the account does not move as it is */
};

/*
 * number, name, severity, what is so, what happens, what to do.  Numbers are for ever: never reused, never
 * renumbered.  RH01xx the record, RH02xx identifiers, RH03xx credential, RH04xx metadata and fields,
 * RH05xx factors and identities, RH06xx duplicates and presence, RH07xx policy, RH08xx during apply,
 * RH09xx organizations, domains, roles, permissions, memberships and invitations.
 */
#define RH_FINDING_MAP(X)                                                                          \
	X(101, RECORD_BROKEN, REFUSE, "the record is not well-formed", "it is left out",           \
	  "Mend the record at the line and column named, and plan again.")                         \
	X(102, SOURCE_ID_MISSING, REFUSE, "the record has no id", "it is left out",                \
	  "Give the record the id it has at the source.")                                          \
	X(103, IDENTIFIER_MISSING, REFUSE, "the record has no e-mail, phone or username",          \
	  "it is left out", "Add an identifier at the source, or leave the account behind.")       \
	X(104, CELL_COUNT, REFUSE, "the row has another number of cells than the header",          \
	  "it is left out", "Quote cells that hold the separator, and plan again.")                \
	X(105, FIELD_TYPE, LOSS, "a field has a type that its name does not allow",                \
	  "the field is left out", "Correct the field at the source if it matters.")               \
	X(106, SOURCE_ID_TWICE, REFUSE, "another record before it has the same id",                \
	  "it is left out", "Remove one of the two records.")                                      \
	X(107, ONLY_IN_PARTIAL, INFO, "the account stands only in the file that is joined",        \
	  "it is carried with what that file has",                                                 \
	  "Export the fuller file again if it should know it.")                                    \
	X(108, RECORD_TOO_LARGE, REFUSE, "the record has more than 1,000 entries in one list",     \
	  "it is left out", "Remove what does not belong to one person.")                          \
	X(109, SPREADSHEET_DAMAGE, REFUSE, "a spreadsheet has changed an id or a phone number",    \
	  "it is left out", "Export again, and do not save the file from a spreadsheet.")          \
	X(110, MAYBE_CUT, LOSS,                                                                    \
	  "the file has exactly as many records as the provider's search gives at most",           \
	  "what stands in it is planned; others may be missing",                                   \
	  "Export with the provider's export job, which has no such end.")                         \
	X(111, MEMBER_TWICE, LOSS, "a member of the record stands in it twice",                    \
	  "the last one counts", "Take the wrong one out at the source, and export again.")        \
	X(112, PROGRAM_REFUSED, REFUSE, "the jq program of the mapping makes no record of it",     \
	  "it is left out", "See the record with `rehome mapping test`, and correct the program.") \
	X(113, ROW_MENDED, INFO,                                                                   \
	  "a value stood in the row without quotes, and has moved the cells behind it",            \
	  "the cells are read in the one order in which all of them fit",                          \
	  "Look at one such account, and quote values with separators when you export again.")     \
	X(201, EMAIL_INVALID, LOSS, "an e-mail address is not valid", "the address is left out",   \
	  "Correct it at the source.")                                                             \
	X(202, PHONE_INVALID, LOSS, "a phone number is not in international form",                 \
	  "the number is left out", "Correct it at the source.")                                   \
	X(203, PRIMARY_CHOSEN, INFO, "the source does not say which address is primary",           \
	  "one is chosen by --primary", "Check the choice, or take an export that names it.")      \
	X(204, PRIMARY_UNDECIDED, REFUSE, "the source does not say which address is primary",      \
	  "it is left out, as --primary asks",                                                     \
	  "Use --primary first-verified, or a fuller export.")                                     \
	X(205, EMAIL_REQUIRED, REFUSE, "the target needs an e-mail address and there is none",     \
	  "it is left out", "Ask the person for an address, or leave the account behind.")         \
	X(206, EMAIL_UNVERIFIED, INFO, "the only address is not verified",                         \
	  "it arrives unverified", "The person proves it at the first sign-in.")                   \
	X(207, EMAILS_DROPPED, LOSS, "the target holds fewer addresses than the account has",      \
	  "the other addresses are left out", "Tell the person which address signs in.")           \
	X(208, PHONES_DROPPED, LOSS, "the target holds no phone number", "the number is left out", \
	  "Keep it in your own database if you need it.")                                          \
	X(209, USERNAME_DROPPED, LOSS, "the target holds no username", "the username is left out", \
	  "Tell the person to sign in by e-mail.")                                                 \
	X(210, EMAIL_UNVERIFIED_REJECTED, REFUSE, "the primary address is not verified",           \
	  "it is left out, as --unverified asks", "Use --unverified attach to carry it.")          \
	X(211, USERNAME_INVALID, LOSS, "a username cannot be read", "the username is left out",    \
	  "Correct it at the source.")                                                             \
	X(212, IDENTIFIER_RESERVED, INFO, "an address or a number is not verified",                \
	  "it is reserved: nobody else can take it, and it is not taken for proved",               \
	  "The person proves it at a sign-in.")                                                    \
	X(213, IDENTIFIER_LEFT_OUT, LOSS,                                                          \
	  "an address or a number is not verified, and not the only one", "it is left out",        \
	  "Use --unverified attach or reserve to carry it.")                                       \
	X(214, IDENTIFIER_ATTACHED, INFO,                                                          \
	  "an address or a number is not verified, and not the only one",                          \
	  "it is added after the account was made, and is not taken for proved",                   \
	  "The person proves it; --unverified reserve keeps others from taking it until then.")    \
	X(301, HASH_UNRECOGNISED, LOSS, "the password hash has a form that is not recognised",     \
	  "the account moves without password", "The person sets a new password or uses a code.")  \
	X(302, HASH_MISLABELLED, LOSS, "the password hash contradicts its label",                  \
	  "the account moves without password", "Correct the label or the hash at the source.")    \
	X(303, HASH_UNSUPPORTED, LOSS, "the target cannot check this kind of hash",                \
	  "the account moves without password", "The person sets a new password or uses a code.")  \
	X(304, HASH_OUT_OF_RANGE, LOSS, "the hash has parameters outside the target's limits",     \
	  "the account moves without password", "The person sets a new password or uses a code.")  \
	X(305, HASH_NOT_EXPORTED, LOSS, "the account has a password that the input lacks",         \
	  "the account moves without password", "Add the export that has the hashes.")             \
	X(306, HASH_REDACTED, LOSS, "the password hash is a placeholder",                          \
	  "the account moves without password",                                                    \
	  "Export again with the permission to read hashes.")                                      \
	X(307, HASH_UNPROVEN, INFO, "the target documents no exact form for this kind of hash",    \
	  "it is sent in the likeliest form", "Try one sign-in before the rest.")                  \
	X(308, PASSWORD_REQUIRED, REFUSE, "the account has no usable password",                    \
	  "it is left out, as --require-password asks",                                            \
	  "Leave --require-password out to carry it.")                                             \
	X(309, HASH_SALT_PLACE, LOSS,                                                              \
	  "the source does not say on which side of the password the salt goes",                   \
	  "the account moves without password",                                                    \
	  "Try one hash with its password, and say the side by option.")                           \
	X(310, PROOF_FAILED, REFUSE, "a known password does not fit its hash as it would be sent", \
	  "it is left out, and the plan is not applied",                                           \
	  "See which reading fits with `rehome password check`, and correct the mapping.")         \
	X(311, PROOF_IMPOSSIBLE, INFO, "a known password cannot be tried against its hash here",   \
	  "nothing is proved by it", "Sign in with the account after the move.")                   \
	X(312, PROVEN, INFO, "a known password fits its hash as it is sent", "nothing changes",    \
	  "Nothing needs to be done.")                                                             \
	X(313, PROOF_ABSENT, INFO, "a known account is not among those that move",                 \
	  "nothing is proved by it", "Correct the file of --prove.")                               \
	X(314, PASSWORD_CLEAR, REFUSE, "the record has a password that can be read",               \
	  "it is left out", "Take the passwords out of the file, or pass over them by option.")    \
	X(315, HASH_STALE, LOSS, "the password was reset after its hash was exported",             \
	  "the account moves without password: the old one must not sign in again",                \
	  "Ask for newer hashes, or the person sets a new password or uses a code.")               \
	X(316, HASH_OF_SEVERAL, LOSS, "the account is linked from several sign-ins by password",   \
	  "the first password of which there is a hash moves, no other one",                       \
	  "Tell the person which one it is, or let them set a new one.")                           \
	X(317, HASH_NOT_TOLD, LOSS,                                                                \
	  "the source gives out no password hash, and does not say who has a password",            \
	  "the account moves without password", "The person sets a new password or uses a code.")  \
	X(401, METADATA_KEY_DROPPED, LOSS,                                                         \
	  "a metadata key is too long or not allowed at the target", "the key is left out",        \
	  "Shorten the key at the source, or keep it in your own database.")                       \
	X(402, METADATA_VALUE_DROPPED, LOSS, "a metadata value is too long for the target",        \
	  "the value is left out", "Shorten it at the source, or keep it in your own database.")   \
	X(403, METADATA_TOO_MANY, LOSS, "there are more metadata keys than the target holds",      \
	  "the last ones are left out", "Choose the keys that matter.")                            \
	X(404, METADATA_PRIVATE_KEPT_BACK, LOSS,                                                   \
	  "private metadata has no safe place at the target", "it is left out",                    \
	  "Keep it in your own database.")                                                         \
	X(405, METADATA_UNSAFE_KEPT_BACK, LOSS,                                                    \
	  "user-editable metadata has no safe place at the target", "it is left out",              \
	  "Keep it in your own database.")                                                         \
	X(406, METADATA_FLATTENED, INFO, "a metadata value is not text",                           \
	  "it is sent as JSON text", "Read it as JSON at the target.")                             \
	X(407, METADATA_INVALID, LOSS, "metadata is not a JSON object", "it is left out",          \
	  "Correct it at the source.")                                                             \
	X(408, EXTERNAL_ID_REPLACED, INFO,                                                         \
	  "the external id is too long or not ASCII for the target", "a digest of it is used",     \
	  "Use `rehome ids` to translate.")                                                        \
	X(409, NAME_DROPPED, LOSS, "a name has a form that the target refuses",                    \
	  "the name is left out", "Correct it at the source.")                                     \
	X(410, FIELD_DROPPED, LOSS, "the target has no place for a field",                         \
	  "the field is left out", "Keep it in your own database if you need it.")                 \
	X(411, IMAGE_DROPPED, LOSS, "the target takes no profile image", "the image is left out",  \
	  "The person uploads it again.")                                                          \
	X(412, METADATA_BEYOND_PROSE, INFO,                                                        \
	  "metadata or external id is larger than the provider's prose says",                      \
	  "it is sent; the provider's API description allows it",                                  \
	  "Check one account at the target.")                                                      \
	X(413, EXTERNAL_ID_FALLBACK, INFO,                                                         \
	  "the field that --external-id names is missing or not text or number",                   \
	  "the source id is used", "Fill the field at the source if it matters.")                  \
	X(414, METADATA_TOO_LARGE, REFUSE, "metadata is larger than the target holds",             \
	  "it is left out", "Shorten it at the source, or let part of it be left out by option.")  \
	X(501, TOTP_KEPT_BACK, LOSS, "the authenticator app cannot be carried yet",                \
	  "the second factor is left out", "The person enrols the app again.")                     \
	X(502, TOTP_NOT_EXPORTED, LOSS,                                                            \
	  "an authenticator app is set up, its secret is not in the input",                        \
	  "the second factor is left out", "Add the export that has the secrets.")                 \
	X(503, SMS_FACTOR, LOSS, "the second factor is a text message", "it is left out",          \
	  "Let the person use an e-mailed code or an authenticator app.")                          \
	X(504, BACKUP_CODES, LOSS, "backup codes cannot be carried", "they are left out",          \
	  "The person makes new ones.")                                                            \
	X(505, PASSKEYS, LOSS, "passkeys cannot be carried", "they are left out",                  \
	  "The person registers a passkey again.")                                                 \
	X(506, IDENTITY_LINKS, INFO, "a social sign-in links by e-mail at the first sign-in",      \
	  "nothing is written for it", "Configure that provider at the target.")                   \
	X(507, IDENTITY_DIFFERS, LOSS, "a social sign-in has another or an unverified e-mail",     \
	  "it will not link by itself", "Tell the person to sign in by e-mail first.")             \
	X(508, IDENTITY_ENTERPRISE, INFO,                                                          \
	  "an enterprise sign-in needs its connection at the target", "nothing is written for it", \
	  "Set up the connection at the target.")                                                  \
	X(509, WALLET_DROPPED, LOSS, "wallets cannot be carried", "they are left out",             \
	  "The person needs another way to sign in.")                                              \
	X(510, TOTP_INVALID, LOSS, "the authenticator secret cannot be read",                      \
	  "the second factor is left out", "The person enrols the app again.")                     \
	X(511, IDENTITY_OFF, LOSS,                                                                 \
	  "a social sign-in is through a provider that the target has switched off",               \
	  "it will not link before that is switched on",                                           \
	  "Switch the provider on at the target, or tell the person to sign in by e-mail.")        \
	X(512, IDENTITY_ONLY_OFF, LOSS,                                                            \
	  "every provider that the person signs in with is switched off, and there is no "         \
	  "password",                                                                              \
	  "the person gets in by a code or link to an address or number alone",                    \
	  "Switch one of the providers on before people come, or see that such codes are.")        \
	X(601, DUPLICATE, REFUSE,                                                                  \
	  "several records share an identifier that is unique at the target",                      \
	  "the whole group is left out",                                                           \
	  "Mend the source, or choose --on-duplicate first or newest.")                            \
	X(602, DUPLICATE_LEFT_OUT, REFUSE, "another record with the same identifier was chosen",   \
	  "it is left out, as --on-duplicate asks", "Check that the right one was chosen.")        \
	X(603, EXISTS, INFO, "the account is at the target already", "it is skipped",              \
	  "Use --on-existing link to record it, update to change it, or leave it.")                \
	X(604, EXISTS_OTHER, REFUSE,                                                               \
	  "another account at the target holds this e-mail, number or username", "it is left out", \
	  "Decide by hand which of the two is right.")                                             \
	X(605, EXISTS_REFUSED, REFUSE, "the account is at the target already",                     \
	  "it is refused, as --on-existing asks", "Use --on-existing skip, link or update.")       \
	X(606, LINKED, INFO, "the account is at the target already", "it is linked, not changed",  \
	  "Nothing needs to be done.")                                                             \
	X(607, CHANGED_SINCE, LOSS, "the account changed at the source since it was created",      \
	  "it stays at the target as it was created", "Use --on-changed update to change it.")     \
	X(608, IDENTIFIER_SHARED, INFO,                                                            \
	  "several records share an identifier that the target does not hold",                     \
	  "each of them moves", "Decide whose it is before you use it elsewhere.")                 \
	X(609, EXISTS_UPDATED, INFO, "the account is at the target already",                       \
	  "what the plan has replaces what stands there, but no password",                         \
	  "Undo puts back what was replaced, as long as nobody changes it.")                       \
	X(610, CHANGED, INFO, "the account changed at the source since it was created",            \
	  "it is changed at the target, unless somebody has changed it there",                     \
	  "Use --on-changed skip to leave it as it was created.")                                  \
	X(611, PASSWORD_CHANGED, LOSS, "the password hash is another one since it was created",    \
	  "the password at the target stays as it is",                                             \
	  "The person signs in with the older password, or resets it.")                            \
	X(612, UPDATE_OPEN, INFO, "an update of the account was begun and is not settled",         \
	  "it is looked up, and finished", "Nothing needs to be done.")                            \
	X(613, PART_AGAIN, INFO, "the target refused a part of the account before",                \
	  "the part is sent again, to the account that is there",                                  \
	  "If it is refused again, rehome accounts --state partial names it.")                     \
	X(614, PASSWORD_ADDED, INFO,                                                               \
	  "the account was created without a password, and there is a hash now",                   \
	  "the hash is added, unless the person has signed in since",                              \
	  "Undo cannot take a password back.")                                                     \
	X(615, PASSWORD_THERE, INFO, "the account was created with its password",                  \
	  "nothing is written for it", "Nothing needs to be done.")                                \
	X(616, PASSWORD_NOT_OURS, REFUSE, "the account was not created by this migration",         \
	  "--only-passwords adds nothing to it, and does not create it",                           \
	  "Who is not at the target yet moves by an apply without --only-passwords.")              \
	X(617, PASSWORD_MISSING, LOSS, "there is still no hash that the target takes",             \
	  "no password is added", "The person sets a new one, or uses a code.")                    \
	X(618, SAID_NO_MORE, INFO,                                                                 \
	  "the source does not say a value any more that the account was given",                   \
	  "it stays at the target", "Take it away there if it is to go.")                          \
	X(619, EXISTS_SPLIT, REFUSE,                                                               \
	  "several accounts at the target hold identifiers of this one", "it is left out",         \
	  "Decide by hand which of them it is, and plan again.")                                   \
	X(620, IDENTIFIER_TAKEN, LOSS,                                                             \
	  "somebody else at the target holds a number or username of the account",                 \
	  "the account moves without it",                                                          \
	  "Decide whose it is; who has it there has another address or number.")                   \
	X(701, BLOCKED_SKIPPED, REFUSE, "the account is banned, locked or deprovisioned",          \
	  "it is left out: the target cannot block it",                                            \
	  "Use --blocked without-password to carry it.")                                           \
	X(702, BLOCKED_WITHOUT_PASSWORD, LOSS, "the account is banned, locked or deprovisioned",   \
	  "it moves without password and unverified", "Block it at the target by other means.")    \
	X(703, LEFT_OUT, INFO, "the account is outside what was asked for", "it is left out",      \
	  "Leave --only, --except, --limit or --resume-after out to carry it.")                    \
	X(704, BLOCKED_SINCE, LOSS,                                                                \
	  "the account was banned, locked or deprovisioned since it moved",                        \
	  "it stays at the target, where it can still sign in: the target cannot block it",        \
	  "Remove it at the target, or change its sign-in there by hand; "                         \
	  "rehome accounts --state blocked-since has its id.")                                     \
	X(705, KIND_LEFT_OUT, REFUSE, "the record is of a kind that does not move",                \
	  "it is left out", "The note says which kind; leave it behind, or change the mapping.")   \
	X(706, SETTING_DROPS, LOSS, "the target has switched off what the account has",            \
	  "the account goes without it",                                                           \
	  "Switch it on at the target before apply, or tell the person.")                          \
	X(707, SETTING_REFUSES, REFUSE,                                                            \
	  "the target has switched off what the account has, and would refuse it",                 \
	  "it is left out", "Switch it on at the target, and plan again.")                         \
	X(708, SETTING_REQUIRES, REFUSE,                                                           \
	  "the target requires what the account lacks, and would refuse it", "it is left out",     \
	  "Add it at the source, or require it no more at the target, and plan again.")            \
	X(709, SETTING_WANTS, INFO, "the target requires of people what the account lacks",        \
	  "it moves without it, as an import may", "The person is asked for it at a sign-in.")     \
	X(710, SETTING_IDLE, INFO, "the target has switched off what the account has",             \
	  "it is stored there, and of no effect before it is switched on",                         \
	  "Switch it on at the target when people are to use it.")                                 \
	X(711, BEYOND_LIMIT, LOSS, "the target will hold more accounts than it takes",             \
	  "who comes last is not taken, and the run stops there",                                  \
	  "Raise the limit at the target, or move fewer by --limit or --only.")                    \
	X(801, REJECTED, REFUSE, "the target refused the account", "it is not at the target",      \
	  "See the code, mend the record, and plan again.")                                        \
	X(802, CONFLICT, REFUSE,                                                                   \
	  "the target holds another account with this e-mail or id since the plan",                \
	  "it is left out", "Plan again: the new plan shows it.")                                  \
	X(803, PART_REFUSED, LOSS, "the target refused a part of the account",                     \
	  "the account moved without that part", "See the part named.")                            \
	X(901, ENTITY_BROKEN, REFUSE,                                                              \
	  "the record of an organization, a role or the like lacks what it needs",                 \
	  "it is left out", "Mend it at the source, and plan again.")                              \
	X(902, ENTITY_TWICE, REFUSE, "another one before it has the same id, slug or domain",      \
	  "it is left out", "Remove one of the two at the source, or rename it by --role-map.")    \
	X(903, REFERENCE_MISSING, REFUSE, "what it belongs to is not in the source",               \
	  "it is left out", "Read the source again; it may have changed meanwhile.")               \
	X(904, REFERENCE_REFUSED, REFUSE, "what it belongs to does not move", "it is left out",    \
	  "See why that one is left out, and plan again when it moves.")                           \
	X(905, ROLE_UNKNOWN, LOSS, "a role that is named here is not there any more",              \
	  "it goes without that role; without any it gets the target's default one",               \
	  "Name another role for it by --role-map, or make it at the target.")                     \
	X(906, ROLES_DROPPED, LOSS, "there are more roles than the target holds for a membership", \
	  "the most important one goes", "Choose by --role-priority which one that is.")           \
	X(907, SLUG_INVALID, REFUSE, "the target cannot write the slug", "it is left out",         \
	  "Give it another slug by --role-map.")                                                   \
	X(908, SAME_NAME, INFO, "the target has one of the same name, under another external id",  \
	  "another one is created; names never match by themselves",                               \
	  "Give the one at the target the external id if it is the same.")                         \
	X(909, ENTITY_EXISTS, INFO, "it is at the target already", "it is linked, not changed",    \
	  "Nothing to do.")                                                                        \
	X(910, ENTITY_DIFFERS, LOSS,                                                               \
	  "it is at the target already, with other permissions or another name",                   \
	  "it stays there as it is",                                                               \
	  "Compare the two, and change the one at the target if it matters.")                      \
	X(911, DOMAIN_PENDING, INFO, "the domain is verified at the source",                       \
	  "it arrives as pending, and changes no sign-in",                                         \
	  "Verify it at the target, or use --domains verified.")                                   \
	X(912, INVITATION_KEPT_BACK, LOSS, "the target sends mail for each invitation",            \
	  "it is left out", "Use --notify to invite these people again, by mail.")                 \
	X(913, INVITATION_OVER, INFO, "the invitation was accepted or revoked, or has expired",    \
	  "it is left out", "Nothing to do.")                                                      \
	X(914, ENTITY_LEFT_OUT, INFO, "it is of a kind that --without names", "it is left out",    \
	  "Plan again without that option if it should move.")                                     \
	X(915, KIND_NOT_HELD, LOSS, "the target has no place for it", "it is left out",            \
	  "Keep the list for what you set up there yourself.")                                     \
	X(916, MEMBERSHIP_INACTIVE, REFUSE,                                                        \
	  "the membership is inactive, and the target knows no such state",                        \
	  "it is left out: it must not become usable by moving",                                   \
	  "Add the person at the target by hand if that is wanted.")                               \
	X(917, BUILT_IN_MISSING, INFO,                                                             \
	  "the provider's own role or permission is not at the target", "it is left out",          \
	  "Name another one for it by --role-map if people need it.")                              \
	X(918, ENTITY_TAKEN, REFUSE, "another one at the target has this slug or this domain",     \
	  "it is left out", "Free it at the target, and plan again.")

enum rh_finding_code {
#define RH_FINDING_ENUM(number, name, severity, what, then, todo) RH_FINDING_##name = (number),
	RH_FINDING_MAP(RH_FINDING_ENUM)
#undef RH_FINDING_ENUM
};

struct rh_finding_info {
	enum rh_finding_code code;
	const char *id;   /* "RH0101" */
	const char *name; /* "RECORD_BROKEN" */
	enum rh_severity severity;
	const char *what;
	const char *then;
	const char *todo;
};

/* The row of the table; NULL: no such code. */
RH_API const struct rh_finding_info *rh_finding_info(enum rh_finding_code code);
/* Iteration over the table: index from 0; NULL at the end. */
RH_API const struct rh_finding_info *rh_finding_at(size_t index);

/* One finding about the account at hand; texts are borrowed for the call. */
struct rh_finding {
	enum rh_finding_code code;
	/* where in the record: "email_addresses[1].email_address"; never a value */
	struct rh_str path;
	/* a word of a closed set (scheme, provider, reason), never data of a person */
	struct rh_str note;
};

/* Where pure functions put what they find. */
struct rh_finding_sink {
	void (*add)(struct rh_finding_sink *sink, const struct rh_finding *finding);
};

#ifdef __cplusplus
}
#endif

#endif
