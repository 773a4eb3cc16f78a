import { expect } from 'chai';
import { IpvetError } from '../../../../lib/errors.ts';
import { withLength } from '../../../../lab/hosts/uml-kernel.ts';

/** movq $2696,-8(%rbp); mov $PTRACE_SETREGSET,%edi */
const setRegisters = Buffer.from('48c745f8880a0000bf05420000', 'hex');
/** The same with PTRACE_GETREGSET, which takes a short buffer. */
const getRegisters = Buffer.from('48c745f8880a0000bf04420000', 'hex');
const filling = Buffer.alloc(100, 0x90);

describe('the kernel of lab hosts', () => {
  it('gives ptrace as many bytes of registers as the processor has, and is otherwise what it was', () => {
    const kernel = Buffer.concat([filling, getRegisters, filling, setRegisters, filling]);
    const changed = withLength(kernel, 11_008);
    const differs = [...kernel.keys()].filter((at) => kernel[at] !== changed[at]);
    const at = 100 + getRegisters.length + 100 + 4;
    expect(differs).to.deep.equal([at, at + 1]);
    expect(changed.readUInt32LE(at)).to.equal(11_008);
    expect(kernel.readUInt32LE(at), 'the file that is installed').to.equal(2696);
  });

  for (const [what, kernel] of [
    ['does not set them', Buffer.concat([filling, getRegisters])],
    ['sets them in two places', Buffer.concat([setRegisters, filling, setRegisters])],
  ] as const)
    it(`is left alone where it ${what}`, () => {
      expect(() => withLength(kernel, 11_008))
        .to.throw(IpvetError, 'cannot run on a processor with 11008 bytes of registers')
        .with.property('code', 'LAB');
    });
});
