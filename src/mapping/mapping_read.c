/* SPDX-License-Identifier: Apache-2.0 */
/* One value: which rule gives it, and what its text means (M4, M5). */
#include "base/clock.h"
#include "base/json_node.h"
#include "base/str.h"
#include "mapping/mapping_internal.h"

/* Numbers below these are seconds, milliseconds; the rest are microseconds. */
#define SECONDS_BELOW INT64_C(100000000000)
#define MILLISECONDS_BELOW INT64_C(100000000000000)
/* The end of the year 9999. */
#define MICROSECONDS_MAX INT64_C(253402300799999999)
/* Digits alone in a column of "verified" are a moment from here on (2001), below it they are none. */
#define MOMENT_FROM INT64_C(1000000000)

/* Of a string, number, boolean or cell. */
static struct rh_str text_of(const struct mapping_value *value)
{
	if (value->node == NULL) {
		return value->cell;
	}
	switch (rh_json_type(value->node)) {
	case RH_JSON_TRUE:
		return RH_STR("true");
	case RH_JSON_FALSE:
		return RH_STR("false");
	case RH_JSON_NULL:
	case RH_JSON_NUMBER:
	case RH_JSON_STRING:
	case RH_JSON_ARRAY:
	case RH_JSON_OBJECT:
		break;
	}
	return rh_json_text(value->node);
}

static bool is_null_text(const struct rh_mapping *mapping, struct rh_str text)
{
	text = rh_str_trim(text);
	/* Few texts are as short as those that mean nothing. */
	if (text.len > mapping->null_len_max) {
		return false;
	}
	for (size_t i = 0; i < mapping->nulls.count; i++) {
		if (rh_str_eq(text, mapping->texts[mapping->nulls.first + i])) {
			return true;
		}
	}
	return false;
}

bool rh_mapping_is_there(const struct rh_mapping *mapping, const struct mapping_value *value)
{
	enum rh_json_type type = rh_json_type(value->node);

	if (value->node != NULL && type != RH_JSON_STRING) {
		return type != RH_JSON_NULL;
	}
	struct rh_str text = text_of(value);
	return rh_str_is_set(text) && (mapping->nulls.count == 0 || !is_null_text(mapping, text));
}

/* The value that a map has for the text; absent: it has none. */
static struct rh_str look_up(const struct rh_mapping *mapping, struct mapping_texts map,
			     struct rh_str text)
{
	for (size_t i = 0; i + 1 < map.count; i += 2) {
		if (rh_str_eq(mapping->texts[map.first + i], text)) {
			return mapping->texts[map.first + i + 1];
		}
	}
	return RH_STR_ABSENT;
}

static void take(const struct rh_mapping *mapping, const struct mapping_rule *rule,
		 struct mapping_found *out)
{
	const struct mapping_setting *setting = &mapping->settings[rule->setting];

	out->rule = rule;
	if (rule->place == MAPPING_NOWHERE) {
		out->text = rule->constant;
		return;
	}
	out->text = text_of(&out->value);
	if (setting->has_map && out->text.ptr != NULL) {
		struct rh_str mapped = look_up(mapping, setting->map, rh_str_trim(out->text));
		out->text = mapped.ptr != NULL ? mapped : setting->otherwise;
		out->is_unmapped = out->text.ptr == NULL;
	}
}

void rh_mapping_find(const struct mapping_view *view, struct mapping_rules rules,
		     struct mapping_found *out)
{
	const struct rh_mapping *mapping = view->mapping;
	const uint16_t *next = view->next;
	size_t end = (size_t)rules.first + rules.count;

	*out = (struct mapping_found){0};
	for (size_t i = next != NULL ? next[rules.first] : rules.first; i < end;
	     i = next != NULL ? next[i + 1] : i + 1) {
		const struct mapping_rule *rule = &mapping->rules[i];
		if (rule->place == MAPPING_NOWHERE) {
			take(mapping, rule, out);
			return;
		}
		const struct mapping_value *value = &view->values[rule->place];
		if (value->node == NULL && value->cell.ptr == NULL) {
			continue;
		}
		if (rh_mapping_is_there(mapping, value)) {
			out->value = view->values[rule->place];
			take(mapping, rule, out);
			return;
		}
	}
}

/* ---- shapes ------------------------------------------------------------------------------------------- */

static void find_next(const struct rh_mapping *mapping, struct mapping_shape *shape)
{
	uint16_t next = (uint16_t)mapping->rule_count;

	for (size_t i = mapping->rule_count; i-- > 0;) {
		uint16_t place = mapping->rules[i].place;
		if (place == MAPPING_NOWHERE ||
		    (shape->present[place / 64] >> place % 64 & 1) != 0) {
			next = (uint16_t)i;
		}
		shape->next[i] = next;
	}
	shape->next[mapping->rule_count] = (uint16_t)mapping->rule_count;
}

int rh_mapping_shapes_init(struct rh_mapping *mapping)
{
	mapping->shapes =
		rh_arena_calloc(&mapping->arena, MAPPING_SHAPES, sizeof(*mapping->shapes));
	if (mapping->shapes == NULL) {
		return RH_ENOMEM;
	}
	for (size_t i = 0; i < MAPPING_SHAPES; i++) {
		struct mapping_shape *shape = &mapping->shapes[i];
		shape->next = rh_arena_calloc(&mapping->arena, mapping->rule_count + 1,
					      sizeof(*shape->next));
		if (shape->next == NULL) {
			return RH_ENOMEM;
		}
		find_next(mapping, shape);
	}
	return RH_OK;
}

const uint16_t *rh_mapping_next(const struct rh_mapping *mapping, const uint64_t *present)
{
	uint64_t mixed = 0;

	for (size_t i = 0; i < MAPPING_WORDS; i++) {
		mixed = (mixed + present[i]) * UINT64_C(0x9e3779b97f4a7c15);
	}
	struct mapping_shape *shape = &mapping->shapes[(mixed >> 32) % MAPPING_SHAPES];
	if (memcmp(shape->present, present, sizeof(shape->present)) != 0) {
		memcpy(shape->present, present, sizeof(shape->present));
		find_next(mapping, shape);
	}
	return shape->next;
}

/* ---- what a value means --------------------------------------------------------------------------------- */

enum mapping_reading rh_mapping_read_text(const struct mapping_found *found, struct rh_str *out)
{
	enum rh_json_type type = rh_json_type(found->value.node);

	if (found->rule == NULL) {
		return MAPPING_READING_ABSENT;
	}
	bool is_bool = type == RH_JSON_TRUE || type == RH_JSON_FALSE;
	if (found->text.ptr == NULL || (is_bool && rh_str_is(found->text, "true")) ||
	    (is_bool && rh_str_is(found->text, "false"))) {
		return MAPPING_READING_WRONG;
	}
	if (found->text.len == 0) {
		return MAPPING_READING_ABSENT;
	}
	*out = found->text;
	return MAPPING_READING_OK;
}

/* "1714557600", "1714557600.123", "1.714557600e9" is none. */
static bool read_number(struct rh_str text, rh_time *out)
{
	struct rh_str fraction = text;
	struct rh_str whole = rh_str_cut(&fraction, '.');
	int64_t number;

	if (!rh_str_to_i64(whole, &number) || number > MICROSECONDS_MAX ||
	    number < -MICROSECONDS_MAX) {
		return false;
	}
	int64_t size = number < 0 ? -number : number;
	if (size < SECONDS_BELOW) {
		int64_t unit = RH_SECOND / 10;
		int64_t microseconds = number * RH_SECOND;
		for (size_t i = 0; i < fraction.len; i++) {
			char byte = fraction.ptr[i];
			if (byte < '0' || byte > '9') {
				return false;
			}
			microseconds += (number < 0 ? -1 : 1) * (byte - '0') * unit;
			unit /= 10;
		}
		*out = microseconds;
		return true;
	}
	if (fraction.ptr != NULL) {
		return false;
	}
	*out = size < MILLISECONDS_BELOW ? number * RH_MILLISECOND : number;
	return true;
}

bool rh_mapping_time_of(struct rh_str text, rh_time *out)
{
	char midnight[sizeof("2026-01-01T00:00")];

	if (text.len == 0) {
		return false;
	}
	/* Behind a year there is no number. */
	bool has_year = text.len > 4 && text.ptr[4] == '-';
	if ((!has_year && read_number(text, out)) || rh_time_parse(text, out)) {
		return true;
	}
	if (text.len != sizeof("2026-01-01") - 1) {
		return false;
	}
	memcpy(midnight, text.ptr, text.len);
	memcpy(midnight + text.len, "T00:00", sizeof("T00:00"));
	return rh_time_parse(rh_str_from(midnight), out);
}

enum mapping_reading rh_mapping_read_time(const struct mapping_found *found, rh_time *out)
{
	rh_time time = 0;

	if (found->rule == NULL) {
		return MAPPING_READING_ABSENT;
	}
	if (!rh_mapping_time_of(rh_str_trim(found->text), &time)) {
		return MAPPING_READING_WRONG;
	}
	*out = time;
	return MAPPING_READING_OK;
}

/* True or false as people write it; false: neither. */
static bool read_yes(struct rh_str text, bool *out)
{
	static const struct {
		size_t len;
		const char *word;
		bool value;
	} words[] = {
		{4, "true", true}, {5, "false", false}, {1, "1", true},   {1, "0", false},
		{1, "t", true},    {1, "f", false},     {3, "yes", true}, {2, "no", false},
		{1, "y", true},    {1, "n", false},     {2, "on", true},  {3, "off", false},
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (text.len == words[i].len && rh_str_is_nocase(text, words[i].word)) {
			*out = words[i].value;
			return true;
		}
	}
	return false;
}

static enum mapping_reading read_word(struct rh_str text, bool is_verified, bool *out)
{
	rh_time time;
	int64_t number;

	text = rh_str_trim(text);
	if (read_yes(text, out)) {
		return MAPPING_READING_OK;
	}
	if (is_verified && rh_mapping_time_of(text, &time) &&
	    (!rh_str_to_i64(text, &number) || number >= MOMENT_FROM)) {
		*out = true;
		return MAPPING_READING_OK;
	}
	return MAPPING_READING_WRONG;
}

/* A moment ahead; what cannot be read ("infinity") is. */
static bool is_ahead(const struct mapping_view *view, const struct mapping_found *found)
{
	rh_time time = 0;

	return rh_mapping_read_time(found, &time) != MAPPING_READING_OK || view->now == 0 ||
	       time > view->now;
}

static bool is_in_list(const struct rh_mapping *mapping, struct mapping_texts list,
		       struct rh_str text)
{
	for (size_t i = 0; i < list.count; i++) {
		if (rh_str_eq(mapping->texts[list.first + i], text)) {
			return true;
		}
	}
	return false;
}

/* What `is` and `there` say of nothing; everything else says nothing of it. */
static enum mapping_reading read_nothing(const struct mapping_view *view,
					 struct mapping_rules rules, bool *out)
{
	if (rules.count == 0) {
		return MAPPING_READING_ABSENT;
	}
	const struct mapping_rule *rule = &view->mapping->rules[rules.first];
	const struct mapping_setting *setting = &view->mapping->settings[rule->setting];
	if (!setting->is_presence && !setting->has_is) {
		return MAPPING_READING_ABSENT;
	}
	*out = setting->is_inverted;
	return MAPPING_READING_OK;
}

enum mapping_reading rh_mapping_read_bool(const struct mapping_view *view,
					  struct mapping_rules rules, bool is_verified,
					  struct mapping_found *found, bool *out)
{
	const struct rh_mapping *mapping = view->mapping;
	const struct mapping_setting *setting;
	enum mapping_reading reading = MAPPING_READING_OK;
	bool value = false;

	if (!rh_mapping_can_give(view, rules)) {
		*found = (struct mapping_found){0};
		return read_nothing(view, rules, out);
	}
	rh_mapping_find(view, rules, found);
	if (found->rule == NULL) {
		return read_nothing(view, rules, out);
	}
	setting = &mapping->settings[found->rule->setting];
	if (setting->is_presence) {
		value = true;
	} else if (setting->is_moment) {
		value = is_ahead(view, found);
	} else if (setting->has_is) {
		value = is_in_list(mapping, setting->is, rh_str_trim(found->text));
	} else {
		reading = found->text.ptr != NULL ? read_word(found->text, is_verified, &value)
						  : MAPPING_READING_WRONG;
	}
	if (reading != MAPPING_READING_OK) {
		return reading;
	}
	value = value != setting->is_inverted;
	if (value && setting->until.count > 0) {
		struct mapping_found until;
		rh_mapping_find(view, setting->until, &until);
		value = until.rule == NULL || is_ahead(view, &until);
	}
	*out = value;
	return MAPPING_READING_OK;
}
