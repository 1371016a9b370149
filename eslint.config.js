/** Type-aware rules that find mistakes; style is prettier's, shape is test/house's. */
import tseslint from "typescript-eslint";

const mistakes = {
  eqeqeq: "error",
  "no-var": "error",
  "prefer-const": "error",
  "no-eval": "error",
  "no-self-compare": "error",
  "@typescript-eslint/await-thenable": "error",
  "@typescript-eslint/consistent-type-imports": ["error", { fixStyle: "separate-type-imports" }],
  "@typescript-eslint/no-deprecated": "error",
  "@typescript-eslint/no-explicit-any": "error",
  "@typescript-eslint/no-floating-promises": "error",
  "@typescript-eslint/no-for-in-array": "error",
  "@typescript-eslint/no-implied-eval": "error",
  "@typescript-eslint/no-misused-promises": "error",
  "@typescript-eslint/no-unsafe-argument": "error",
  "@typescript-eslint/no-unsafe-assignment": "error",
  "@typescript-eslint/no-unsafe-call": "error",
  "@typescript-eslint/no-unsafe-member-access": "error",
  "@typescript-eslint/no-unsafe-return": "error",
  "@typescript-eslint/only-throw-error": "error",
  "@typescript-eslint/require-array-sort-compare": "error",
  "@typescript-eslint/return-await": "error",
  "@typescript-eslint/switch-exhaustiveness-check": ["error", { considerDefaultExhaustiveForUnions: true }],
  "@typescript-eslint/use-unknown-in-catch-callback-variable": "error",
};

export default tseslint.config(
  { ignores: ["node_modules/", "dist/", "coverage/", "test/fixtures/", "**/*.{js,mjs,cjs}", "vitest.config.ts"] },
  {
    files: ["**/*.ts"],
    linterOptions: { reportUnusedDisableDirectives: "error" },
    languageOptions: { parser: tseslint.parser, parserOptions: { project: "./tsconfig.json", tsconfigRootDir: import.meta.dirname } },
    plugins: { "@typescript-eslint": tseslint.plugin },
    rules: mistakes,
  },
  {
    // What a test reads back is JSON from a wire or a spy: its assertions check it.
    files: ["test/**/*.ts", "bench/**/*.ts", "examples/**/*.ts"],
    rules: Object.fromEntries(
      Object.keys(mistakes)
        .filter((name) => name.includes("no-unsafe"))
        .map((name) => [name, "off"]),
    ),
  },
);
