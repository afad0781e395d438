// Awards in the stand-in server (web/test/fake/server.mjs): made-up cycles, as api/openapi.yaml has them. Applicants and the
// public meet one side of them, the staff another; each side has cycles of its own.
import { Applicants, applicants } from './fake_applicants.mjs';
import { StaffSide, staff } from './fake_staff.mjs';

export function makePackage({ started }) {
  const side = new StaffSide(started);
  const entering = new Applicants(started);
  return {
    name: 'awards',
    people: [...applicants, ...staff],
    applicants: entering,
    show: (path) => entering.show(path),
    answer: (method, path, query, body, session) =>
      session.permissions.includes('enter_awards')
        ? entering.answer(method, path, body)
        : side.answer(method, path, query, body, session),
  };
}
