// SPDX-License-Identifier: Apache-2.0
// The official client of Clerk against its rehearsal: run by clerk.t with CLERK_API_URL in the environment.
import { strict as assert } from 'node:assert';
import { createHmac } from 'node:crypto';
import { control, refusalOf, require, run } from './run.mjs';

const { createClerkClient } = require('@clerk/backend');

const address = process.env.CLERK_API_URL;
const people = 15; // so few that the limit of a development instance is far
const password = 'Kk4aPMeiaRpAs2OeX1NE';
const bcrypt = '$2b$10$U4C0ZY8OG8y41F9LusfKyu3HRMBL0rCZcKBVsXhgr.n8Ou6FPhzO2';

function clientOf(secretKey) {
	return createClerkClient({ secretKey, apiUrl: address, telemetry: { disabled: true } });
}

const { users, emailAddresses, phoneNumbers } = clientOf(process.env.CLERK_SECRET_KEY);

// Where there is room for what comes later: the limit of a development instance is a hundred requests.
const production = clientOf('sk_live_rehearsal');

function made(name) {
	return production.users.createUser({ emailAddress: [`${name}@team.dev`], skipPasswordRequirement: true });
}

function email(number) {
	return `person${String(number).padStart(3, '0')}@shop.dev`;
}

// The six digits of RFC 6238 for a secret of bytes, `steps` from now.
function totp(secret, steps = 0) {
	const counter = Buffer.alloc(8);

	counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30000) + steps));
	const mac = createHmac('sha1', secret).update(counter).digest();
	const at = mac[19] & 15;

	return String((mac.readUInt32BE(at) & 0x7fffffff) % 1000000).padStart(6, '0');
}

// Status, code and the member at fault, as the client hands them on.
function told(error) {
	assert.match(error.clerkTraceId, /^[0-9a-f]{32}$/);
	return [error.status, error.errors[0].code, error.errors[0].meta?.paramName];
}

let jane;
let ada;
let bob;
let acme;

const tests = {
	async 'a key that is wrong is refused'() {
		const error = await refusalOf(clientOf('sk_test_wrong').users.getUserList());

		assert.deepEqual(told(error), [401, 'clerk_key_invalid', undefined]);
	},

	async 'creates a whole user in one call'() {
		jane = await users.createUser({
			externalId: 'auth0|0/a b',
			emailAddress: [email(0), 'old@shop.dev'],
			emailAddressIdentificationStatus: ['verified', 'reserved'],
			phoneNumber: ['+14155550132'],
			firstName: 'Jane',
			lastName: 'Roe',
			username: 'jane_roe',
			locale: 'de-DE',
			passwordDigest: bcrypt,
			passwordHasher: 'bcrypt',
			totpSecret: 'JBSWY3DPEHPK3PXP',
			backupCodes: ['once-only'],
			createdAt: new Date('2023-02-09T16:34:22.611Z'),
			legalAcceptedAt: new Date('2023-02-09T16:34:22Z'),
			publicMetadata: { plan: 'free', city: 'Köln' },
			privateMetadata: { roles: ['user'] },
			unsafeMetadata: { theme: { dark: true, size: 3 } },
		});
		assert.match(jane.id, /^user_/);
		assert.equal(jane.primaryEmailAddress.emailAddress, email(0));
		assert.equal(jane.emailAddresses[0].verification.status, 'verified');
		assert.equal(jane.emailAddresses[1].verification, null);
		assert.equal(jane.primaryPhoneNumber.phoneNumber, '+14155550132');
		assert.equal(jane.createdAt, Date.parse('2023-02-09T16:34:22.611Z'));
		assert.deepEqual(jane.publicMetadata, { plan: 'free', city: 'Köln' });
		assert.deepEqual(jane.privateMetadata, { roles: ['user'] });
		assert.ok(jane.passwordEnabled && jane.totpEnabled && jane.backupCodeEnabled);
	},

	async 'what is taken, unknown or of no form is refused, and told which'() {
		const taken = await refusalOf(
			users.createUser({ emailAddress: [email(0).toUpperCase()], skipPasswordRequirement: true }),
		);
		const unknown = await refusalOf(users.createUser({ shoeSize: 42 }));
		const digest = await refusalOf(
			users.createUser({ username: 'nobody', passwordDigest: 'x', passwordHasher: 'bcrypt' }),
		);
		const nothing = await refusalOf(users.createUser({ skipPasswordRequirement: true }));

		assert.deepEqual(told(taken), [422, 'form_identifier_exists', 'email_address']);
		assert.deepEqual(told(unknown), [422, 'form_param_unknown', 'shoe_size']);
		assert.deepEqual(told(digest), [422, 'form_password_digest_invalid_code', 'password_digest']);
		assert.equal(nothing.errors[0].code, 'form_data_missing');
	},

	async 'finds the user by id, by external id, by address and by phone'() {
		for (const filter of [
			{ userId: [jane.id] },
			{ externalId: ['+auth0|0/a b'] },
			{ emailAddress: ['OLD@shop.dev'] },
			{ phoneNumber: ['+14155550132'] },
			{ username: ['Jane_Roe'] },
		]) {
			const { data, totalCount } = await users.getUserList(filter);

			assert.deepEqual([data.length, totalCount, data[0]?.id], [1, 1, jane.id], filter);
		}
		assert.equal((await users.getUser(jane.id)).externalId, 'auth0|0/a b');
		assert.deepEqual(told(await refusalOf(users.getUser('user_nobody'))), [
			404, 'resource_not_found', undefined,
		]);
	},

	async 'creates some more, and walks through all with the cursor'() {
		const seen = [];
		let page;

		for (let i = 1; i < people; i++) {
			await users.createUser({
				emailAddress: [email(i)],
				externalId: `source${i}`,
				skipPasswordRequirement: true,
			});
		}
		do {
			page = await users.getUserList({
				limit: 10,
				orderBy: '+created_at',
				startingAfter: seen.at(-1)?.id,
			});
			seen.push(...page.data);
		} while (page.data.length === 10);
		assert.deepEqual(
			seen.map((user) => user.primaryEmailAddress.emailAddress),
			Array.from({ length: people }, (_, i) => email(i)),
		);
		assert.equal(page.totalCount, people);
		assert.equal(await users.getCount(), people);
	},

	async 'updates a user'() {
		const user = await users.updateUser(jane.id, {
			firstName: 'Grace',
			deleteSelfEnabled: false,
			createOrganizationsLimit: 3,
		});

		assert.equal(user.firstName, 'Grace');
		assert.equal(user.lastName, 'Roe');
		assert.equal(user.createOrganizationsLimit, 3);
		assert.deepEqual(user.publicMetadata, { plan: 'free', city: 'Köln' });
	},

	async 'merges metadata, and replaces it'() {
		const merged = await users.updateUserMetadata(jane.id, {
			publicMetadata: { plan: null, more: { a: 1 } },
			unsafeMetadata: { theme: { size: 4 } },
		});
		const replaced = await users.replaceUserMetadata(jane.id, { unsafeMetadata: {} });

		assert.deepEqual(merged.publicMetadata, { city: 'Köln', more: { a: 1 } });
		assert.deepEqual(merged.unsafeMetadata, { theme: { dark: true, size: 4 } });
		assert.deepEqual(replaced.unsafeMetadata, {});
		assert.deepEqual(replaced.publicMetadata, merged.publicMetadata);
	},

	async 'adds an address that is not verified, and a phone as second factor'() {
		const address2 = await emailAddresses.createEmailAddress({
			userId: jane.id,
			emailAddress: 'new@shop.dev',
		});
		const [phone] = (await users.getUser(jane.id)).phoneNumbers;
		const factor = await phoneNumbers.updatePhoneNumber(phone.id, {
			reservedForSecondFactor: true,
		});

		assert.equal(address2.verification, null);
		assert.equal(factor.reservedForSecondFactor, true);
		assert.equal((await emailAddresses.deleteEmailAddress(address2.id)).deleted, true);
	},

	async 'bans and locks, and the reverse'() {
		assert.equal((await users.banUser(jane.id)).banned, true);
		assert.equal((await users.unbanUser(jane.id)).banned, false);
		assert.equal((await users.lockUser(jane.id)).locked, true);
		assert.equal((await users.unlockUser(jane.id)).locked, false);
	},

	async 'proves the old password, and no other'() {
		const error = await refusalOf(users.verifyPassword({ userId: jane.id, password: `${password}?` }));

		assert.equal((await users.verifyPassword({ userId: jane.id, password })).verified, true);
		assert.deepEqual(told(error), [422, 'incorrect_password', 'password']);
	},

	async 'proves the second factor; a backup code is good once'() {
		const userId = jane.id;
		const secret = Buffer.from('48656c6c6f21deadbeef', 'hex');
		const proof = await users.verifyTOTP({ userId, code: totp(secret) });
		const wrong = await refusalOf(users.verifyTOTP({ userId, code: totp(secret, 20) }));

		assert.equal(proof.code_type, 'totp');
		assert.deepEqual(told(wrong), [422, 'totp_incorrect_code', 'code']);
		assert.equal((await users.verifyTOTP({ userId, code: 'once-only' })).code_type, 'backup_code');
		assert.equal((await refusalOf(users.verifyTOTP({ userId, code: 'once-only' }))).status, 422);
	},

	async 'hears how long to wait when it came too often'() {
		await control(address, 'faults', { kind: 'status', status: 429, retry_after: 7 });
		const error = await refusalOf(users.getUser(jane.id));

		assert.equal(error.status, 429);
		assert.equal(error.retryAfter, 7);
		assert.equal(error.errors[0].code, 'too_many_requests');
	},

	async 'creates organizations, finds and changes them'() {
		const { organizations } = production;

		[ada, bob] = [await made('ada'), await made('bob')];
		acme = await organizations.createOrganization({
			name: 'Acme',
			slug: 'acme',
			createdBy: ada.id,
			maxAllowedMemberships: 9,
			publicMetadata: { plan: { name: 'free' } },
			privateMetadata: { old: 'o|1' },
		});
		assert.match(acme.id, /^org_/);
		assert.equal(acme.createdBy, ada.id);
		assert.equal(acme.maxAllowedMemberships, 9);
		assert.equal((await organizations.getOrganization({ slug: 'acme' })).id, acme.id);
		await organizations.updateOrganization(acme.id, { name: 'Acme & Sons' });
		await organizations.updateOrganizationMetadata(acme.id, { publicMetadata: { plan: { size: 3 } } });
		const { data, totalCount } = await organizations.getOrganizationList({
			query: 'acme',
			includeMembersCount: true,
			orderBy: '+name',
		});
		assert.equal(totalCount, 1);
		assert.equal(data[0].name, 'Acme & Sons');
		assert.equal(data[0].membersCount, 1);
		assert.deepEqual(data[0].publicMetadata, { plan: { name: 'free', size: 3 } });
		const taken = await refusalOf(organizations.createOrganization({ name: 'Other', slug: 'acme' }));

		assert.deepEqual(told(taken), [422, 'form_identifier_exists', 'slug']);
	},

	async 'gives people roles in an organization'() {
		const { organizations } = production;
		const organizationId = acme.id;
		const membership = await organizations.createOrganizationMembership({
			organizationId,
			userId: bob.id,
			role: 'org:member',
		});

		assert.equal(membership.role, 'org:member');
		assert.equal(membership.organization.id, acme.id);
		assert.equal(membership.publicUserData.identifier, 'bob@team.dev');
		assert.ok(membership.permissions.includes('org:sys_memberships:read'));
		const again = await refusalOf(
			organizations.createOrganizationMembership({ organizationId, userId: bob.id, role: 'org:member' }),
		);

		assert.deepEqual(told(again), [422, 'form_already_exists', 'user_id']);
		await organizations.updateOrganizationMembership({ organizationId, userId: bob.id, role: 'org:admin' });
		await organizations.updateOrganizationMembershipMetadata({
			organizationId,
			userId: bob.id,
			publicMetadata: { desk: 4 },
		});
		const list = await organizations.getOrganizationMembershipList({ organizationId, role: ['org:admin'] });

		assert.equal(list.totalCount, 2);
		const mine = await production.users.getOrganizationMembershipList({ userId: bob.id });

		assert.equal(mine.totalCount, 1);
		assert.deepEqual(mine.data[0].publicMetadata, { desk: 4 });
		await organizations.deleteOrganizationMembership({ organizationId, userId: bob.id });
		assert.equal((await organizations.getOrganizationMembershipList({ organizationId })).totalCount, 1);
	},

	async 'invites without a mail, and has domains'() {
		const { organizations, invitations } = production;
		const organizationId = acme.id;
		const invitation = await organizations.createOrganizationInvitation({
			organizationId,
			emailAddress: 'new@team.dev',
			role: 'org:member',
			inviterUserId: ada.id,
			notify: false,
		});

		assert.equal(invitation.status, 'pending');
		await organizations.revokeOrganizationInvitation({ organizationId, invitationId: invitation.id });
		const list = await organizations.getOrganizationInvitationList({ organizationId, status: ['revoked'] });

		assert.equal(list.totalCount, 1);
		const open = await invitations.createInvitation({ emailAddress: 'new@team.dev', notify: false });

		assert.equal((await invitations.getInvitationList()).data.length, 1);
		assert.equal((await invitations.revokeInvitation(open.id)).status, 'revoked');
		const domain = await organizations.createOrganizationDomain({
			organizationId,
			name: 'team.dev',
			enrollmentMode: 'manual_invitation',
		});

		assert.equal(domain.name, 'team.dev');
		assert.equal((await organizations.getOrganizationDomainList({ organizationId })).totalCount, 1);
	},

	async 'an organization takes along what hangs on it'() {
		const { organizations } = production;

		await organizations.deleteOrganization(acme.id);
		const { environments } = await control(address, 'counters');

		for (const kind of ['organizations', 'organization_memberships', 'organization_domains', 'organization_invitations']) {
			assert.equal(environments.live[kind], 0, kind);
		}
		const gone = await refusalOf(organizations.getOrganization({ organizationId: acme.id }));

		assert.deepEqual(told(gone), [404, 'resource_not_found', undefined]);
	},

	async 'deletes everybody'() {
		const { data } = await users.getUserList({ limit: 500 });

		for (const user of data) {
			await users.deleteUser(user.id);
		}
		assert.equal(await users.getCount(), 0);
		assert.equal((await refusalOf(users.getUser(jane.id))).status, 404);
	},

	async 'no mail would have been sent'() {
		const counters = await control(address, 'counters');

		assert.equal(counters.mails, 0);
		assert.equal(counters.environments.test.users, 0);
		assert.equal(counters.environments.test.email_addresses, 0);
	},
};

await run(tests);
