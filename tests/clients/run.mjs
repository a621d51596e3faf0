// SPDX-License-Identifier: Apache-2.0
// What the tests of the official clients have in common: asking the rehearsal's control, and running as TAP.
import { createRequire } from 'node:module';

// The packages lie in the build folder, not beside this file.
export const require = createRequire(`${process.env.CLIENT_PACKAGES}/`);

// The control route of the rehearsal at `address`; a body is posted.
export async function control(address, route, body) {
	const answer = await fetch(new URL(`/_rehearsal/${route}`, address), {
		method: body === undefined ? 'GET' : 'POST',
		headers: { 'X-Rehearsal-Token': process.env.REHEARSAL_TOKEN },
		body: body === undefined ? undefined : JSON.stringify(body),
	});

	return answer.json();
}

// What the promise fails with; that it does not is an error.
export async function refusalOf(promise) {
	try {
		await promise;
	} catch (error) {
		return error;
	}
	throw new Error('it was not refused');
}

// Runs the functions one after another, in their order.
export async function run(tests) {
	let number = 0;

	console.log(`1..${Object.keys(tests).length}`);
	for (const [name, test] of Object.entries(tests)) {
		number++;
		try {
			await test();
			console.log(`ok ${number} - ${name}`);
		} catch (error) {
			process.exitCode = 1;
			console.log(`not ok ${number} - ${name}`);
			console.log(String(error.stack).replace(/^/gm, '# '));
		}
	}
}
