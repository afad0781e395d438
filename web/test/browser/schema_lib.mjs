// Whether a value is what api/openapi.yaml and api/events.schema.json say: empty, or what is wrong with it.
import { readFileSync } from 'node:fs';
import Ajv from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { parse } from 'yaml';

const read = (path) => readFileSync(new URL(`../../../api/${path}`, import.meta.url), 'utf8');

export function makeValidator() {
  const ajv = new Ajv({ strict: false, allErrors: true });
  addFormats(ajv);
  ajv.addSchema({ $id: 'openapi', ...parse(read('openapi.yaml')) });
  ajv.addSchema(JSON.parse(read('events.schema.json')), 'events');
  return (ref, value) => {
    const validate = ajv.getSchema(ref) ?? ajv.compile({ $ref: ref });
    if (validate(value)) return '';
    return ajv.errorsText(validate.errors?.slice(0, 5), { separator: '\n     ' });
  };
}
