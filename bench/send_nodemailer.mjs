// Nodemailer with its pool, as its documentation shows it: a message is handed over whenever the pool is idle.
// Reads its order as JSON from stdin and prints what sending took, as JSON.
import { readFileSync } from 'node:fs';
import { createTransport } from 'nodemailer';

const { port, connections, messages, warm_up: warmUp, letter } = JSON.parse(readFileSync(0, 'utf8'));
const TAIL = 12;
const escapes = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&#34;', "'": '&#39;' };
const escape = (text) => text.replace(/[&<>"']/g, (sign) => escapes[sign]);
const literal = (text, value) => text.replace(/[\\`$]/g, '\\$&').replace(/\[\[(\w+)\]\]/g, (_, slot) => `\${${value(slot)}}`);
const compiled = (text, value) => new Function('member', 'escape', `return \`${literal(text, value)}\``);
const plain = (slot) => `member.${slot}`;
const subject = compiled(letter.subject, plain);
const text = compiled(letter.text, plain);
const html = compiled(letter.html, (slot) => `escape(member.${slot})`);

function memberOf(number) {
  const tail = String(number).padStart(TAIL, '0');
  const linked = (sample) => sample.slice(0, -TAIL) + tail;
  return { name: `Member ${number}`, link: linked(letter.values.link), opt_out: linked(letter.values.opt_out) };
}

function messageTo(number) {
  const member = memberOf(number);
  return {
    from: 'Example Company <privacy@example.com>',
    to: `${member.name} <member${number}@example.org>`,
    subject: subject(member, escape),
    text: text(member, escape),
    html: html(member, escape),
    textEncoding: 'quoted-printable',
  };
}

const transport = createTransport({
  pool: true, host: '127.0.0.1', port, secure: false, ignoreTLS: true, maxConnections: connections, maxMessages: Infinity,
});

function send(count) {
  return new Promise((done, failed) => {
    let next = 0;
    let taken = 0;
    const more = () => {
      while (transport.isIdle() && next < count) {
        const number = next;
        next += 1;
        transport.sendMail(messageTo(number)).then(() => {
          taken += 1;
          if (taken === count) { transport.off('idle', more); done(); }
        }, failed);
      }
    };
    transport.on('idle', more);
    more();
  });
}

if (warmUp) await send(warmUp);
const begin = process.cpuUsage();
const began = process.hrtime.bigint();
await send(messages);
const wall = Number(process.hrtime.bigint() - began) / 1e9;
const { user, system } = process.cpuUsage(begin);
transport.close();
process.stdout.write(`${JSON.stringify({ messages, cpu_s: (user + system) / 1e6, wall_s: wall })}\n`);
