"""Every runner that can be had here, on a small fix in its own language: real tests, run by the real thing."""

import shutil
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

import pytest

from conftest import NO_SKIPS
from proving.fixes import PYTEST, Files, proof_of

JAVASCRIPT = Path(__file__).with_name("javascript")
CARGO = '[package]\nname = "shop"\nversion = "0.1.0"\nedition = "2021"\n'
POM = """
    <project xmlns="http://maven.apache.org/POM/4.0.0">
      <modelVersion>4.0.0</modelVersion>
      <groupId>shop</groupId><artifactId>shop</artifactId><version>1</version>
      <properties>
        <maven.compiler.source>17</maven.compiler.source><maven.compiler.target>17</maven.compiler.target>
        <project.build.sourceEncoding>UTF-8</project.build.sourceEncoding>
      </properties>
      <dependencies>
        <dependency><groupId>junit</groupId><artifactId>junit</artifactId><version>4.x</version></dependency>
      </dependencies>
    </project>
"""
DEBIAN = ("-s", "/etc/maven/settings-debian.xml", "-Dmaven.repo.local=/usr/share/maven-repo")


class Case(NamedTuple):
    """A product that forgets to add up, its fix, an old test that passes and a new one that fails without the fix."""

    needs: str
    base: Files
    fix: Files
    old: str
    """The id of the test that was there before."""
    new: str
    said: str
    """Part of what the new test says when it is red."""
    unloadable: Files
    """The fix with a test that cannot be loaded without it."""
    given: Mapping[str, Any] = MappingProxyType({})


def javascript(test: str, said: str, old: str, new: str, run: tuple[str, ...], needs: str = "node") -> Case:
    shop = "exports.total = cart => {}\n"
    fixed = "exports.total = cart => cart.reduce((a, b) => a + b, 0)\nexports.extra = 1\n"
    first, second = (
        test.format(name="old", body="1, 1"),
        test.format(name="new", body="shop.total([1, 2]), 3"),
    )
    needs_fix = "\n\nif (!shop.extra) throw new Error('extra is missing')\n\n"
    package = '{"name": "shop", "version": "1.0.0"}\n'
    file = "test/shop.test.js"
    return Case(
        needs,
        {"shop.js": "const VAT = 1\n" + shop, "package.json": package, file: first},
        {"shop.js": "const VAT = 1\n" + fixed, file: first + second.partition("\n\n")[2]},
        f"{file}::{old}",
        f"{file}::{new}",
        said,
        {"shop.js": fixed, file: needs_fix.join(second.split("\n\n", 1))},
        {"run": run},
    )


def of_npm(name: str) -> tuple[str, ...]:
    return (f"node_modules/.bin/{name}",)


NODE = """const assert = require("node:assert"), {{ test }} = require("node:test"), shop = require("../shop")

test("{name}", () => assert.strictEqual({body}))
"""
MOCHA = """const assert = require("node:assert"), shop = require("../shop")

describe("shop", () => it("{name}", () => assert.strictEqual({body})))
"""
JEST = """const shop = require("../shop")

describe("shop", () => test("{name}", () => {{ const [is, be] = [{body}]; expect(is).toBe(be) }}))
"""
VITEST = """import {{ describe, expect, test }} from "vitest"; import {{ createRequire }} from "node:module"; const require = createRequire(import.meta.url); const shop = require("../shop.js")

describe("shop", () => test("{name}", () => {{ const [is, be] = [{body}]; expect(is).toBe(be) }}))
"""

CASES = {
    "pytest": Case(
        "",
        {"shop.py": "def total(cart): pass\n", "test_shop.py": "def test_old(): pass\n"},
        {
            "shop.py": "def total(cart): return sum(cart)\n",
            "test_shop.py": "def test_old(): pass\ndef test_new():\n    import shop\n    assert shop.total([1, 2]) == 3\n",
        },
        "test_shop.py::test_old",
        "test_shop.py::test_new",
        "assert None == 3",
        {
            "shop.py": "extra = 1\n",
            "test_shop.py": "from shop import extra\ndef test_new(): assert extra == 1\n",
        },
        {"run": PYTEST},
    ),
    "unittest": Case(
        "",
        {
            "shop.py": "def total(cart): pass\n",
            "tests/test_shop.py": "import unittest\nclass Shop(unittest.TestCase):\n    def test_old(self): pass\n",
        },
        {
            "shop.py": "def total(cart): return sum(cart)\n",
            "tests/test_shop.py": (
                "import unittest\nclass Shop(unittest.TestCase):\n    def test_old(self): pass\n"
                "    def test_new(self):\n        import shop\n        self.assertEqual(shop.total([1, 2]), 3)\n"
            ),
        },
        "tests/test_shop.py::Shop::test_old",
        "tests/test_shop.py::Shop::test_new",
        "AssertionError: None != 3",
        {
            "shop.py": "extra = 1\n",
            "tests/test_shop.py": "import unittest\nfrom shop import extra\nclass Shop(unittest.TestCase):\n    def test_new(self): assert extra == 1\n",
        },
        {"run": PYTEST[:1]},
    ),
    "node": javascript(NODE, "undefined !== 3", "old", "new", ("node", "--test")),
    "mocha": javascript(MOCHA, "AssertionError", "shop::old", "shop::new", of_npm("mocha"), "mocha"),
    "jest": javascript(
        JEST, "expect(received).toBe(expected)", "shop::old", "shop::new", of_npm("jest"), "jest"
    ),
    "vitest": javascript(VITEST, "AssertionError", "shop::old", "shop::new", of_npm("vitest"), "vitest"),
    "go": Case(
        "go",
        {
            "go.mod": "module shop\n\ngo 1.19\n",
            "cart/cart.go": "package cart\n\nfunc Total(cart []int) int {\n\treturn 0\n}\n",
            "cart/cart_test.go": 'package cart\n\nimport "testing"\n\nfunc TestOld(t *testing.T) {}\n',
        },
        {
            "cart/cart.go": "package cart\n\nfunc Total(cart []int) int {\n\tsum := 0\n\tfor _, price := range cart {\n\t\tsum += price\n\t}\n\treturn sum\n}\n",
            "cart/cart_test.go": (
                'package cart\n\nimport "testing"\n\nfunc TestOld(t *testing.T) {}\n\nfunc TestNew(t *testing.T) {\n'
                '\tif got := Total([]int{1, 2}); got != 3 {\n\t\tt.Errorf("total is %d", got)\n\t}\n}\n'
            ),
        },
        "cart/cart_test.go::TestOld",
        "cart/cart_test.go::TestNew",
        "total is 0",
        {
            "cart/cart.go": "package cart\n\nfunc Extra() int { return 1 }\n",
            "cart/cart_test.go": 'package cart\n\nimport "testing"\n\nfunc TestNew(t *testing.T) {\n\tif Extra() != 1 {\n\t\tt.Fail()\n\t}\n}\n',
        },
    ),
    "rspec": Case(
        "rspec",
        {
            "lib/shop.rb": "def total(cart)\nend\n",
            "spec/shop_spec.rb": "require_relative '../lib/shop'\nRSpec.describe 'shop' do\n  it('old') { }\nend\n",
        },
        {
            "lib/shop.rb": "def total(cart)\n  cart.sum\nend\n",
            "spec/shop_spec.rb": (
                "require_relative '../lib/shop'\nRSpec.describe 'shop' do\n  it('old') { }\n"
                "  it('new') { expect(total([1, 2])).to eq(3) }\nend\n"
            ),
        },
        "spec/shop_spec.rb::shop old",
        "spec/shop_spec.rb::shop new",
        "expected: 3",
        {
            "lib/shop.rb": "EXTRA = 1\n",
            "spec/shop_spec.rb": "require_relative '../lib/shop'\nEXTRA\nRSpec.describe('shop') { it('new') { expect(EXTRA).to eq(1) } }\n",
        },
    ),
    "minitest": Case(
        "ruby",
        {
            "lib/shop.rb": "def total(cart)\nend\n",
            "test/shop_test.rb": "require 'minitest/autorun'\nrequire 'shop'\nclass ShopTest < Minitest::Test\n  def test_old; end\nend\n",
        },
        {
            "lib/shop.rb": "def total(cart)\n  cart.sum\nend\n",
            "test/shop_test.rb": (
                "require 'minitest/autorun'\nrequire 'shop'\nclass ShopTest < Minitest::Test\n  def test_old; end\n"
                "  def test_new\n    assert_equal 3, total([1, 2])\n  end\nend\n"
            ),
        },
        "test/shop_test.rb::ShopTest::test_old",
        "test/shop_test.rb::ShopTest::test_new",
        "Expected: 3",
        {
            "lib/shop.rb": "EXTRA = 1\n",
            "test/shop_test.rb": "require 'minitest/autorun'\nrequire 'shop'\nEXTRA\nclass ShopTest < Minitest::Test\n  def test_new = assert_equal(1, EXTRA)\nend\n",
        },
    ),
    "cargo": Case(
        "/usr/bin/cargo",
        {
            "Cargo.toml": CARGO,
            "src/lib.rs": "pub fn total(_cart: &[i32]) -> i32 {\n    0\n}\n",
            "tests/shop.rs": "#[test]\nfn old() {}\n",
        },
        {
            "src/lib.rs": "pub fn total(cart: &[i32]) -> i32 {\n    cart.iter().sum()\n}\n",
            "tests/shop.rs": "#[test]\nfn old() {}\n\n#[test]\nfn new() {\n    assert_eq!(shop::total(&[1, 2]), 3);\n}\n",
        },
        "tests/shop.rs::old",
        "tests/shop.rs::new",
        "panicked at",
        {
            "src/lib.rs": "pub fn total(_cart: &[i32]) -> i32 {\n    0\n}\n\npub fn extra() -> i32 {\n    1\n}\n",
            "tests/shop.rs": "#[test]\nfn new() {\n    assert_eq!(shop::extra(), 1);\n}\n",
        },
        # The system's own: one that asks a home directory for its compiler finds none in a test.
        {"run": ("/usr/bin/cargo", "test"), "env": {"RUSTC": "/usr/bin/rustc"}},
    ),
    "maven": Case(
        "mvn",
        {
            "pom.xml": POM,
            "src/main/java/shop/Cart.java": "package shop;\n\npublic class Cart {\n    public static int total(int... cart) {\n        return 0;\n    }\n}\n",
            "src/test/java/shop/CartTest.java": "package shop;\n\nimport org.junit.Test;\n\npublic class CartTest {\n    @Test public void old() {}\n}\n",
        },
        {
            "src/main/java/shop/Cart.java": "package shop;\n\npublic class Cart {\n    public static int total(int... cart) {\n        return java.util.stream.IntStream.of(cart).sum();\n    }\n}\n",
            "src/test/java/shop/CartTest.java": (
                "package shop;\n\nimport org.junit.*;\n\npublic class CartTest {\n    @Test public void old() {}\n\n"
                "    @Test public void fresh() { Assert.assertEquals(3, Cart.total(1, 2)); }\n}\n"
            ),
        },
        "src/test/java/shop/CartTest.java::old",
        "src/test/java/shop/CartTest.java::fresh",
        "expected:<3> but was:<0>",
        {
            "src/main/java/shop/Cart.java": "package shop;\n\npublic class Cart {\n    public static int extra() {\n        return 1;\n    }\n}\n",
            "src/test/java/shop/CartTest.java": "package shop;\n\nimport org.junit.*;\n\npublic class CartTest {\n    @Test public void fresh() { Assert.assertEquals(1, Cart.extra()); }\n}\n",
        },
        {"run": ("mvn", *DEBIAN)},
    ),
}


@pytest.fixture
def runner(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A runner that is here, in a clone that has what it needs beside git."""
    needs = CASES[request.param].needs
    bin = JAVASCRIPT / "node_modules" / ".bin" / needs
    if needs and not (shutil.which(needs) or bin.exists()):
        if NO_SKIPS:
            pytest.fail(f"{needs} is not installed")
        pytest.skip(f"{needs} is not installed here")
    if needs in ("mocha", "jest", "vitest"):
        (tmp_path / "node_modules").symlink_to(JAVASCRIPT / "node_modules")
    return str(request.param)


@pytest.mark.parametrize("runner", CASES, indirect=True)
def test_a_fix_is_red_without_and_green_with_it(runner: str, tmp_path: Path) -> None:
    case = CASES[runner]
    told = proof_of(tmp_path, case.base, case.fix, runner=runner, **case.given)
    assert (told.verdict, told.reason) == ("PROVEN", f"{case.new} fails without the fix and passes with it.")
    rows = {test.id: (test.B, test.BT, test.BTF) for test in told.tests}
    assert rows == {case.old: ("passed", "passed", "passed"), case.new: ("absent", "failed", "passed")}
    (red,) = [test.message for test in told.tests if test.id == case.new]
    assert case.said in red
    assert told.minimal is True


# Of the languages that are compiled, two are enough: maven takes half a minute for it.
@pytest.mark.parametrize("runner", [name for name in CASES if name != "maven"], indirect=True)
def test_a_test_that_cannot_be_loaded_without_the_fix_is_not_red(runner: str, tmp_path: Path) -> None:
    case = CASES[runner]
    told = proof_of(tmp_path, case.base, case.unloadable, runner=runner, **case.given)
    assert told.verdict == "RED_BY_LOAD", told.reason
