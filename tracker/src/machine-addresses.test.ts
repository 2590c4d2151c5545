import type { networkInterfaces } from "node:os";
import { expect, it } from "vitest";
import { createMachineAddresses } from "./machine-addresses.ts";

type Interfaces = ReturnType<typeof networkInterfaces>;

const interfacesOf = (...addresses: string[]) =>
  ({ eth0: addresses.map((address) => ({ address })), gone: undefined }) as unknown as Interfaces;

it("createMachineAddresses() gives what there is, in one spelling, without what needs a zone", () => {
  const read = () => interfacesOf("127.0.0.1", "192.168.1.5", "FD00:0::1", "fe80::1", "febf::2");
  expect(createMachineAddresses(() => 0, read)()).toEqual(["127.0.0.1", "192.168.1.5", "fd00::1"]);
});

it("createMachineAddresses() looks again after two seconds, and not before", () => {
  let [time, address, looks] = [1000, "10.0.0.1", 0];
  const addresses = createMachineAddresses(
    () => time,
    () => {
      looks++;
      return interfacesOf(address);
    },
  );
  expect(addresses()).toEqual(["10.0.0.1"]);
  address = "10.0.0.2";
  time += 1999;
  expect(addresses()).toEqual(["10.0.0.1"]);
  expect(looks).toBe(1);
  time += 1;
  expect(addresses()).toEqual(["10.0.0.2"]);
  expect(looks).toBe(2);
});
