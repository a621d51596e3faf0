/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rows of auth.users whose cells have shifted, because a value with separators stands in them without quotes.
 *
 *        id , created_at            , raw_user_meta_data          , first_name
 *        7f…, 2024-05-01 10:00:00+00, {"plan":"pro" , "seats":5}  , Ada
 *                                     '------- one cell -------'
 *
 *  1. The row is cut at each separator.  An arrangement gives every column one piece, or several that stand beside each
 *     other, all pieces in their order.
 *  2. Columns of unmistakable shape (UUID, audience, moment, hash, flag, number ...) take what has that shape, or nothing.
 *     JSON takes as many pieces as make one JSON value, an argon2 hash as many as make one.
 *  3. Any other column takes anything, as a name may have any bytes.
 *  4. A row is put right where exactly one arrangement fits, and the id and one more cell of unmistakable shape are not
 *     empty.  What could be read in two ways, and a row that lacks cells, stays refused.
 *  5. So does a row whose one arrangement has a stray quote or a brace in a text, or a text of several pieces of which
 *     one is empty, quoted, or looks like what belongs to another column: a cell that stands elsewhere is likelier.
 */
#include <string.h>

#include "account/credential.h"
#include "base/arena.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/json.h"
#include "base/str.h"
#include "connectors/supabase/supabase.h"

enum {
	ROW_MAX = 32 * 1024, /* bytes */
	COLUMNS_MAX = 128,
	SURPLUS_MAX = 48, /* pieces more than columns */
	HOUSE_DIGITS = 5, /* no house has as many */
};

/* What a column takes. */
enum kind {
	KIND_TEXT,
	KIND_UUID,
	KIND_ID, /* the same, and never empty */
	KIND_AUDIENCE,
	KIND_EMAIL,
	KIND_HASH,
	KIND_MOMENT,
	KIND_FLAG,
	KIND_DIGITS,
	KIND_TOKEN,
	KIND_JSON,
};

static const struct {
	const char *name;
	enum kind kind;
} kinds[] = {
	{"id", KIND_ID},
	{"instance_id", KIND_UUID},
	{"aud", KIND_AUDIENCE},
	{"role", KIND_AUDIENCE},
	{"email", KIND_EMAIL},
	{"email_change", KIND_EMAIL},
	{"encrypted_password", KIND_HASH},
	{"email_confirmed_at", KIND_MOMENT},
	{"phone_confirmed_at", KIND_MOMENT},
	{"confirmed_at", KIND_MOMENT},
	{"invited_at", KIND_MOMENT},
	{"confirmation_sent_at", KIND_MOMENT},
	{"recovery_sent_at", KIND_MOMENT},
	{"email_change_sent_at", KIND_MOMENT},
	{"phone_change_sent_at", KIND_MOMENT},
	{"reauthentication_sent_at", KIND_MOMENT},
	{"last_sign_in_at", KIND_MOMENT},
	{"created_at", KIND_MOMENT},
	{"updated_at", KIND_MOMENT},
	{"deleted_at", KIND_MOMENT},
	{"banned_until", KIND_MOMENT},
	{"is_super_admin", KIND_FLAG},
	{"is_sso_user", KIND_FLAG},
	{"is_anonymous", KIND_FLAG},
	{"email_change_confirm_status", KIND_DIGITS},
	{"phone", KIND_DIGITS},
	{"phone_change", KIND_DIGITS},
	{"confirmation_token", KIND_TOKEN},
	{"recovery_token", KIND_TOKEN},
	{"email_change_token_new", KIND_TOKEN},
	{"email_change_token_current", KIND_TOKEN},
	{"phone_change_token", KIND_TOKEN},
	{"reauthentication_token", KIND_TOKEN},
	{"raw_app_meta_data", KIND_JSON},
	{"raw_user_meta_data", KIND_JSON},
	{"identities", KIND_JSON},
	{"factors", KIND_JSON},
};

static enum kind kind_of(struct rh_str column)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (rh_str_is(column, kinds[i].name)) {
			return kinds[i].kind;
		}
	}
	return KIND_TEXT;
}

/* What stands between two separators. */
struct piece {
	size_t from; /* in the row */
	size_t to;
	struct rh_str text; /* without its quotes */
	bool is_quoted;     /* whole: it opens with a quote and closes with one */
};

/* A row in hand. */
struct mend {
	struct rh_arena *arena;
	struct rh_str row;
	struct piece *pieces;
	size_t piece_count;
	enum kind *kinds;
	size_t column_count;
	size_t surplus;
	/* [column * (surplus + 1) + pieces before it - column]: in how many ways the columns from there on take the rest,
	 * 2 for any more; and how many pieces the column takes in the last of them that was found */
	uint8_t *ways;
	uint8_t *widths;
	char *copy; /* room for the row: what the parser writes to */
	struct rh_json json;
	int code; /* RH_ENOMEM ends it */
};

/* ---- shapes (2) ---------------------------------------------------------------------------------------------- */

static bool is_nothing(struct rh_str text)
{
	return text.len == 0 || rh_str_is(text, "NULL") || rh_str_is(text, "null") ||
	       rh_str_is(text, "\\N");
}

static bool is_uuid(struct rh_str text)
{
	static const char form[] = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";

	if (text.len != sizeof(form) - 1) {
		return false;
	}
	for (size_t i = 0; i < text.len; i++) {
		char byte = text.ptr[i];
		bool is_hex = (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'f') ||
			      (byte >= 'A' && byte <= 'F');
		if (form[i] == '-' ? byte != '-' : !is_hex) {
			return false;
		}
	}
	return true;
}

static bool is_moment(struct rh_str text)
{
	rh_time time;

	return rh_time_parse(text, &time) || rh_str_is(text, "infinity");
}

static bool is_word_of(struct rh_str text, const char *const *words)
{
	for (size_t i = 0; words[i] != NULL; i++) {
		if (rh_str_is(text, words[i])) {
			return true;
		}
	}
	return false;
}

static bool is_audience(struct rh_str text)
{
	static const char *const audiences[] = {"authenticated", "anon", "service_role", NULL};

	return is_word_of(text, audiences);
}

static bool is_flag(struct rh_str text)
{
	static const char *const flags[] = {"t", "f", "true", "false", "0", "1", NULL};

	return is_word_of(text, flags);
}

/* Letters and digits, and those of `more`. */
static bool consists_of(struct rh_str text, bool has_letters, const char *more)
{
	for (size_t i = 0; i < text.len; i++) {
		char byte = text.ptr[i];
		bool is_letter = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');
		if (!(byte >= '0' && byte <= '9') && !(has_letters && is_letter) &&
		    (byte == '\0' || strchr(more, byte) == NULL)) {
			return false;
		}
	}
	return true;
}

static bool is_number(struct rh_str text)
{
	return text.len <= 16 &&
	       consists_of(rh_str_sub(text, text.ptr[0] == '+', SIZE_MAX), false, "");
}

static bool is_email(struct rh_str text)
{
	const char *at = memchr(text.ptr, '@', text.len);

	return at != NULL && at > text.ptr && at + 1 < text.ptr + text.len &&
	       memchr(at + 1, '@', (size_t)(text.ptr + text.len - at - 1)) == NULL &&
	       strcspn(text.ptr, " \t\"{}[]<>") >= text.len;
}

static bool is_hash(struct mend *mend, struct rh_str text)
{
	struct rh_credential credential;

	if (text.len < 20 || text.ptr[0] != '$') {
		return false;
	}
	int code = rh_credential_parse(mend->arena, text, RH_STR_ABSENT, RH_DIALECT_SHAPE,
				       &credential);
	mend->code = code != RH_OK ? code : mend->code;
	return code == RH_OK && credential.state == RH_CREDENTIAL_PRESENT;
}

static bool is_json(struct mend *mend, struct rh_str text)
{
	char last;

	text = rh_str_trim(text);
	if (text.len < 2 || (text.ptr[0] != '{' && text.ptr[0] != '[')) {
		return false;
	}
	last = text.ptr[text.len - 1];
	if (last != (text.ptr[0] == '{' ? '}' : ']')) {
		return false;
	}
	memcpy(mend->copy, text.ptr, text.len);
	int code = rh_json_parse(&mend->json, mend->copy, text.len, NULL);
	mend->code = code == RH_ENOMEM ? code : mend->code;
	return code == RH_OK;
}

/* Quotes that were escaped twice are undone later, where that gives JSON. */
static bool is_quoted_json(struct rh_str text)
{
	return text.len >= 2 && (text.ptr[0] == '{' || text.ptr[0] == '[') &&
	       (text.ptr[text.len - 1] == '}' || text.ptr[text.len - 1] == ']');
}

/* One piece in a column. */
static bool fits_one(struct mend *mend, enum kind kind, const struct piece *piece)
{
	struct rh_str text = piece->text;

	if (is_nothing(text)) {
		return kind != KIND_ID;
	}
	switch (kind) {
	case KIND_ID:
	case KIND_UUID:
		return is_uuid(text);
	case KIND_AUDIENCE:
		return is_audience(text);
	case KIND_EMAIL:
		return is_email(text);
	case KIND_HASH:
		return is_hash(mend, text);
	case KIND_MOMENT:
		return is_moment(text);
	case KIND_FLAG:
		return is_flag(text);
	case KIND_DIGITS:
		return is_number(text);
	case KIND_TOKEN:
		return consists_of(text, true, "_-");
	case KIND_JSON:
		return piece->is_quoted ? is_quoted_json(text) : is_json(mend, text);
	case KIND_TEXT:
		break;
	}
	return true; /* 3 */
}

static struct rh_str span(const struct mend *mend, size_t from, size_t width)
{
	size_t begin = mend->pieces[from].from;

	return rh_str_sub(mend->row, begin, mend->pieces[from + width - 1].to - begin);
}

/* `width` pieces from `from` on in a column. */
static bool fits(struct mend *mend, enum kind kind, size_t from, size_t width)
{
	if (width == 1) {
		return fits_one(mend, kind, &mend->pieces[from]);
	}
	if (kind == KIND_JSON) {
		return is_json(mend, span(mend, from, width));
	}
	if (kind == KIND_HASH) {
		struct rh_str hash = span(mend, from, width);
		return rh_str_starts(hash, "$argon2") && is_hash(mend, hash);
	}
	return kind == KIND_TEXT;
}

/* Is it not a part of a text (5)?  A house has a number, but a short one. */
static bool is_odd(struct mend *mend, const struct piece *piece)
{
	struct rh_str text = rh_str_trim(piece->text);

	return piece->is_quoted || is_nothing(text) || is_uuid(text) || is_moment(text) ||
	       is_hash(mend, text) || is_email(text) || is_audience(text) || is_flag(text) ||
	       (text.len >= HOUSE_DIGITS && is_number(text)) ||
	       strcspn(text.ptr, "\"{}[]\\") < text.len;
}

/* Is it doubtful that a text is these pieces (5)? */
static bool is_doubtful(struct mend *mend, size_t from, size_t width)
{
	const struct piece *piece = &mend->pieces[from];
	bool is_doubtful = width == 1 && !piece->is_quoted &&
			   strcspn(piece->text.ptr, "\"{}[]\\") < piece->text.len;

	for (size_t i = 0; width > 1 && i < width && !is_doubtful; i++) {
		is_doubtful = is_odd(mend, &piece[i]);
	}
	return is_doubtful;
}

/* ---- pieces (1) ---------------------------------------------------------------------------------------------- */

/* The end of a piece that opens with a quote at `at` and is one cell whole; 0: it is not. */
static size_t quoted_end(struct rh_str row, size_t at, char separator)
{
	for (size_t i = at + 1; i < row.len; i++) {
		if (row.ptr[i] != '"') {
			continue;
		}
		if (i + 1 < row.len && row.ptr[i + 1] == '"') {
			i++;
			continue;
		}
		return i + 1 == row.len || row.ptr[i + 1] == separator ? i + 1 : 0;
	}
	return 0;
}

/* Between the quotes, doubled ones undone. */
static int unquote(struct mend *mend, struct piece *piece)
{
	struct rh_str inner = rh_str_sub(mend->row, piece->from + 1, piece->to - piece->from - 2);
	char *out = rh_arena_alloc(mend->arena, inner.len + 1);
	size_t len = 0;

	if (out == NULL) {
		return RH_ENOMEM;
	}
	for (size_t i = 0; i < inner.len; i++) {
		i += inner.ptr[i] == '"' && i + 1 < inner.len;
		out[len++] = inner.ptr[i];
	}
	out[len] = '\0';
	piece->text = (struct rh_str){out, len};
	return RH_OK;
}

static int plain(struct mend *mend, struct piece *piece)
{
	struct rh_str text = rh_str_sub(mend->row, piece->from, piece->to - piece->from);

	/* With a NUL behind it, as the shapes are looked for by functions of C. */
	return rh_arena_copy(mend->arena, text, &piece->text) ? RH_OK : RH_ENOMEM;
}

/* 1: there are as many pieces as columns, or some more; 0 there are not, < 0 no memory. */
static int cut(struct mend *mend, char separator)
{
	size_t at = 0;

	for (;;) {
		struct piece *piece = &mend->pieces[mend->piece_count];
		size_t end = 0;

		if (mend->piece_count == mend->column_count + SURPLUS_MAX) {
			return 0;
		}
		if (at < mend->row.len && mend->row.ptr[at] == '"') {
			end = quoted_end(mend->row, at, separator);
		}
		*piece = (struct piece){.from = at, .to = end, .is_quoted = end > 0};
		if (!piece->is_quoted) {
			const char *next =
				at < mend->row.len
					? memchr(mend->row.ptr + at, separator, mend->row.len - at)
					: NULL;
			piece->to = next != NULL ? (size_t)(next - mend->row.ptr) : mend->row.len;
		}
		int code = piece->is_quoted ? unquote(mend, piece) : plain(mend, piece);
		if (code != RH_OK) {
			return code;
		}
		mend->piece_count++;
		if (piece->to == mend->row.len) {
			return mend->piece_count >= mend->column_count;
		}
		at = piece->to + 1;
	}
}

/* ---- arrangements (4) ---------------------------------------------------------------------------------------- */

/* Ways of the columns from `column` on with `before` pieces more than columns before it. */
static uint8_t *place(uint8_t *table, const struct mend *mend, size_t column, size_t before)
{
	return &table[column * (mend->surplus + 1) + before];
}

/* In how many ways the columns from `column` on take the pieces behind `before` more than columns. */
static uint8_t count_ways(struct mend *mend, size_t column, size_t before)
{
	unsigned ways = 0;

	for (size_t more = 0; before + more <= mend->surplus; more++) {
		uint8_t rest = *place(mend->ways, mend, column + 1, before + more);
		if (rest > 0 && fits(mend, mend->kinds[column], column + before, more + 1)) {
			ways += rest;
			*place(mend->widths, mend, column, before) = (uint8_t)(more + 1);
		}
	}
	return ways > 1 ? 2 : (uint8_t)ways;
}

static void arrange(struct mend *mend)
{
	*place(mend->ways, mend, mend->column_count, mend->surplus) = 1;
	for (size_t column = mend->column_count; column-- > 0;) {
		for (size_t before = 0; before <= mend->surplus; before++) {
			*place(mend->ways, mend, column, before) = count_ways(mend, column, before);
		}
	}
}

/* The one arrangement; false: too little in it is unmistakable, or a text is doubtful. */
static bool take(struct mend *mend, struct rh_str *cells)
{
	size_t from = 0;
	size_t anchors = 0;

	for (size_t column = 0; column < mend->column_count; column++) {
		size_t width = *place(mend->widths, mend, column, from - column);
		struct rh_str cell = width == 1 ? mend->pieces[from].text : span(mend, from, width);
		enum kind kind = mend->kinds[column];

		if (kind == KIND_TEXT && is_doubtful(mend, from, width)) {
			return false;
		}
		cells[column] = is_nothing(cell) ? RH_STR_ABSENT : cell;
		anchors += cells[column].ptr != NULL &&
			   (kind == KIND_AUDIENCE || kind == KIND_HASH || kind == KIND_MOMENT);
		from += width;
	}
	return anchors > 0;
}

static int set_up(struct mend *mend, const struct rh_columns *columns)
{
	bool has_id = false;

	mend->column_count = columns->count;
	mend->pieces =
		rh_arena_calloc(mend->arena, columns->count + SURPLUS_MAX, sizeof(*mend->pieces));
	mend->kinds = rh_arena_calloc(mend->arena, columns->count, sizeof(*mend->kinds));
	if (mend->pieces == NULL || mend->kinds == NULL) {
		return RH_ENOMEM;
	}
	for (size_t i = 0; i < columns->count; i++) {
		mend->kinds[i] = kind_of(columns->names[i]);
		has_id = has_id || mend->kinds[i] == KIND_ID;
	}
	return has_id;
}

static int find(struct mend *mend, struct rh_str *cells)
{
	size_t places;

	mend->surplus = mend->piece_count - mend->column_count;
	places = (mend->column_count + 1) * (mend->surplus + 1);
	mend->ways = rh_arena_calloc(mend->arena, places, 1);
	mend->widths = rh_arena_calloc(mend->arena, places, 1);
	if (mend->ways == NULL || mend->widths == NULL) {
		return RH_ENOMEM;
	}
	arrange(mend);
	if (mend->code != RH_OK) {
		return mend->code;
	}
	bool is_certain = mend->ways[0] == 1 && take(mend, cells);
	return mend->code != RH_OK ? mend->code : is_certain;
}

int supabase_mend_row(const struct rh_torn_row *torn, struct rh_arena *arena, struct rh_str *cells)
{
	struct mend mend = {.arena = arena};
	int code;

	if (torn->shape != SUPABASE_SHAPE_USERS || torn->row.len > ROW_MAX ||
	    torn->columns->count > COLUMNS_MAX || !rh_str_is_utf8(torn->row) ||
	    memchr(torn->row.ptr, '\0', torn->row.len) != NULL) {
		return 0;
	}
	mend.copy = rh_arena_alloc(arena, torn->row.len + 1);
	if (mend.copy == NULL || !rh_arena_copy(arena, torn->row, &mend.row)) {
		return RH_ENOMEM;
	}
	code = set_up(&mend, torn->columns);
	if (code == 1) {
		code = cut(&mend, torn->separator);
	}
	if (code == 1) {
		code = find(&mend, cells);
	}
	rh_json_done(&mend.json);
	return code;
}
