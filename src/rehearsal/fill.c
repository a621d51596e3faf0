/* SPDX-License-Identifier: Apache-2.0 */
/* Fill: numbers and a seed become people, organizations and what is between them. */
#include "rehearsal/fill.h"

#include "base/str.h"
#include "rehearsal/tenant.h"

enum {
	MOST = 10000000, /* of one kind */
	EMPTY_EACH = 7,
	SECRET_LEN = 32, /* Base32 digits of 20 bytes */
};

#define FIRST_DAY (INT64_C(1577836800) * RH_SECOND) /* 2020-01-01 */

struct wish {
	uint64_t counts[RH_FILL_KINDS];
	uint64_t factors;
	uint64_t seed;
};

static const char *const counted[RH_FILL_KINDS] = {
	[RH_FILL_PERMISSIONS] = NULL, /* as many as roles */
	[RH_FILL_ROLES] = "roles",     [RH_FILL_ORGANIZATIONS] = "organizations",
	[RH_FILL_USERS] = "users",     [RH_FILL_MEMBERSHIPS] = "memberships",
	[RH_FILL_DOMAINS] = "domains", [RH_FILL_INVITATIONS] = "invitations",
};

/* splitmix64 of seed, kind and number: the same whatever was made before. */
static uint64_t mix(const struct wish *wish, unsigned kind, uint64_t number)
{
	uint64_t mixed = (wish->seed * 31 + kind) * UINT64_C(0xd1342543de82ef95) +
			 (number + 1) * UINT64_C(0x9e3779b97f4a7c15);

	mixed = (mixed ^ (mixed >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	mixed = (mixed ^ (mixed >> 27)) * UINT64_C(0x94d049bb133111eb);
	return mixed ^ (mixed >> 31);
}

/* How many organizations are not empty, people are in any. */
static uint64_t peopled(const struct wish *wish)
{
	uint64_t count = wish->counts[RH_FILL_ORGANIZATIONS];

	return count - count / EMPTY_EACH;
}

static uint64_t joined(const struct wish *wish)
{
	uint64_t count = wish->counts[RH_FILL_USERS];

	return count - count / 4;
}

/* The n-th organization that is not empty. */
static uint64_t organization_of(uint64_t number)
{
	return number / (EMPTY_EACH - 1) * EMPTY_EACH + number % (EMPTY_EACH - 1);
}

static struct rh_str numbered(struct rh_call *call, const char *word, uint64_t number)
{
	return rh_arena_printf(&call->arena, "%s%llu", word, (unsigned long long)number);
}

static struct rh_str address_of(struct rh_call *call, const struct wish *wish, const char *word,
				uint64_t number)
{
	return rh_arena_printf(&call->arena, "%s%llu@people%llu.dev", word,
			       (unsigned long long)number, (unsigned long long)wish->seed);
}

/* Digits of Base32, truly drawn from the seed. */
static struct rh_str secret_of(struct rh_call *call, const struct wish *wish, uint64_t number)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
	char *text = rh_arena_alloc(&call->arena, SECRET_LEN);
	uint64_t bits = 0;

	if (text == NULL) {
		return RH_STR_ABSENT;
	}
	for (unsigned i = 0; i < SECRET_LEN; i++) {
		bits = i % 12 == 0 ? mix(wish, RH_FILL_KINDS + i, number) : bits >> 5;
		text[i] = digits[bits & 31];
	}
	return (struct rh_str){.ptr = text, .len = SECRET_LEN};
}

static void describe_user(struct rh_call *call, const struct wish *wish, struct rh_fill_item *item)
{
	static const char *const first[] = {"Ada",  "Jörg", "Chloé", "Dmitri",
					    "Elif", "Femi", "Grace", "Hiro"};
	static const char *const last[] = {"Roe",   "Müller", "Okafor", "Nguyen",
					   "Silva", "Kaya",   "Novák",  "Tanaka"};
	uint64_t drawn = mix(wish, RH_FILL_USERS, item->number);
	uint64_t users = wish->counts[RH_FILL_USERS];

	item->name = rh_str_from(first[drawn % 8]);
	item->family = rh_str_from(last[drawn / 8 % 8]);
	item->address = address_of(call, wish, "person", item->number);
	item->has_password = drawn / 64 % 4 != 0;
	/* The factors are spread over all people. */
	if ((item->number + 1) * wish->factors / users > item->number * wish->factors / users) {
		item->totp = secret_of(call, wish, item->number);
	}
}

/* Rule 2: round r of a person goes r organizations on from the first one, so no pair comes twice. */
static void describe_membership(const struct wish *wish, struct rh_fill_item *item)
{
	uint64_t round = item->number / joined(wish);
	uint64_t count = peopled(wish);
	uint64_t drawn;
	uint64_t share;

	item->user = item->number % joined(wish);
	drawn = mix(wish, RH_FILL_MEMBERSHIPS, item->user);
	share = drawn % 1024;
	item->organization =
		organization_of((share * share * count / (1024 * 1024) + round) % count);
	drawn = mix(wish, RH_FILL_MEMBERSHIPS, item->number + MOST);
	if (wish->counts[RH_FILL_ROLES] > 0 && drawn % 2 == 0) {
		item->role = drawn / 2 % wish->counts[RH_FILL_ROLES];
	}
}

static struct rh_fill_item describe(struct rh_call *call, const struct wish *wish,
				    enum rh_fill_kind kind, uint64_t number)
{
	struct rh_fill_item item = {
		.number = number,
		.role = RH_FILL_NONE,
		.permission = number,
		.created_at = FIRST_DAY + (rh_time)number * RH_SECOND,
	};

	switch (kind) {
	case RH_FILL_PERMISSIONS:
		item.key = rh_arena_printf(&call->arena, "feature_%llu:read",
					   (unsigned long long)number);
		item.name = numbered(call, "Read feature ", number);
		break;
	case RH_FILL_ROLES:
		item.key = numbered(call, "role_", number);
		item.name = numbered(call, "Role ", number);
		break;
	case RH_FILL_ORGANIZATIONS:
		item.key =
			rh_arena_printf(&call->arena, "org-%llu-%llu",
					(unsigned long long)wish->seed, (unsigned long long)number);
		item.name = numbered(call, "Organization ", number);
		break;
	case RH_FILL_USERS:
		describe_user(call, wish, &item);
		break;
	case RH_FILL_MEMBERSHIPS:
		describe_membership(wish, &item);
		break;
	case RH_FILL_DOMAINS:
		item.address =
			rh_arena_printf(&call->arena, "org%llu.people%llu.dev",
					(unsigned long long)number, (unsigned long long)wish->seed);
		item.organization = organization_of(number % peopled(wish));
		break;
	case RH_FILL_INVITATIONS:
		item.address = address_of(call, wish, "invited", number);
		item.organization = organization_of(number % peopled(wish));
		break;
	case RH_FILL_KINDS:
		break;
	}
	return item;
}

/* A number of the body; false: it is none, or too large. */
static bool read_count(const struct rh_json_node *input, const char *name, int64_t most,
		       uint64_t *out)
{
	int64_t number = 0;

	if (rh_json_get(input, name) == NULL) {
		return true;
	}
	if (!rh_json_get_i64(input, name, &number) || number < 0 || number > most) {
		return false;
	}
	*out = (uint64_t)number;
	return true;
}

/* The body; false: the call holds the answer. */
static bool read_wish(struct rh_call *call, struct wish *wish)
{
	bool is_right = read_count(call->input, "factors", MOST, &wish->factors) &&
			read_count(call->input, "seed", INT32_MAX, &wish->seed);

	for (int kind = 0; kind < RH_FILL_KINDS && is_right; kind++) {
		is_right = counted[kind] == NULL ||
			   read_count(call->input, counted[kind], MOST, &wish->counts[kind]);
	}
	wish->counts[RH_FILL_PERMISSIONS] = wish->counts[RH_FILL_ROLES];
	if (!is_right) {
		rh_call_message(call, 422, "fill", "a number is none, or out of range");
	} else if (wish->factors > wish->counts[RH_FILL_USERS] ||
		   (wish->counts[RH_FILL_MEMBERSHIPS] > 0 &&
		    (joined(wish) == 0 ||
		     wish->counts[RH_FILL_MEMBERSHIPS] > joined(wish) * peopled(wish))) ||
		   (wish->counts[RH_FILL_DOMAINS] + wish->counts[RH_FILL_INVITATIONS] > 0 &&
		    peopled(wish) == 0)) {
		rh_call_message(call, 422, "fill",
				"so many factors, memberships, domains or invitations have no "
				"place among so few people and organizations");
	} else {
		return true;
	}
	return false;
}

/* The environment of the body, else the first. */
static struct rh_environment *environment_of(struct rh_tenant *tenant, const struct rh_call *call)
{
	struct rh_str name = rh_json_get_string(call->input, "environment");

	for (size_t i = 0; i < tenant->imitation->environment_count; i++) {
		if (name.ptr == NULL || rh_str_is(name, tenant->environments[i].name)) {
			return &tenant->environments[i];
		}
	}
	return NULL;
}

/* All of one kind; false: the call holds the answer. */
static bool make(struct rh_call *call, const struct wish *wish, enum rh_fill_kind kind,
		 rh_fill_maker *maker, size_t rows[RH_FILL_KINDS])
{
	for (uint64_t i = 0; i < wish->counts[kind]; i++) {
		struct rh_fill_item item;
		size_t row = RH_ROW_NONE;

		/* What was made lies in the stores. */
		rh_arena_reset(&call->arena);
		item = describe(call, wish, kind, i);
		if (!maker(call, &item, rows, &row)) {
			rh_call_message(call, 409, "fill",
					"something with the same name is there already: another "
					"seed, or a reset, is needed");
			return false;
		}
		rows[kind] = i == 0 ? row : rows[kind];
	}
	return true;
}

void rh_fill_answer(struct rh_tenant *tenant, struct rh_call *call)
{
	const struct rh_filling *filling = tenant->imitation->filling;
	size_t rows[RH_FILL_KINDS] = {0};
	struct wish wish = {.seed = 1};
	struct rh_json_writer writer;

	call->environment = environment_of(tenant, call);
	if (filling == NULL || call->environment == NULL) {
		rh_call_message(call, 404, "fill",
				"this provider, or environment, cannot be filled");
		return;
	}
	if (!read_wish(call, &wish)) {
		return;
	}
	tenant->stage->is_changed = true;
	for (int kind = 0; kind < RH_FILL_KINDS; kind++) {
		rh_fill_maker *maker = filling->makers[kind];

		if (maker != NULL && !make(call, &wish, (enum rh_fill_kind)kind, maker, rows)) {
			return;
		}
	}
	rh_call_json(call, 200, &writer);
	rh_json_begin_object(&writer);
	for (int kind = 0; kind < RH_FILL_KINDS; kind++) {
		if (counted[kind] != NULL) {
			rh_json_key(&writer, counted[kind]);
			rh_json_put_u64(&writer,
					filling->makers[kind] != NULL ? wish.counts[kind] : 0);
		}
	}
	rh_json_end_object(&writer);
}
